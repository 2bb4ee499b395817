"""Pictures for pages: SVG that follows the page's light or dark ground, wide and for a phone, with its values."""

import io
import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fat_tf.figures import FONT

WIDE, NARROW = 9.0, 3.7  # inches; a phone shows the narrow one
INK, RULE = "#010203", "#040506"  # stand for the page's own colours, which take their place
FIRST_LINES = re.compile(r"^.*?(?=<svg)", re.DOTALL)
SIZE = re.compile(r'(<svg [^>]*?)width="[\d.]+pt" height="[\d.]+pt"')


@dataclass(frozen=True)
class Chart:
    """A picture and what it shows.

    title: what it is, for those who do not see it. wide, narrow: SVG. columns, rows: its values as texts and numbers.
    """

    title: str
    wide: Markup
    narrow: Markup
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


def chart(
    draw: Callable[[Figure], None],
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    height: float = 3.0,
    narrow_height: float | None = None,
) -> Chart:
    """Draw a figure for both widths.

    Args:
        draw: fills a figure.
        title, columns, rows: see `Chart`.
        height, narrow_height: inches; None: as high as the wide one.
    """
    sizes = {"wide": (WIDE, height), "narrow": (NARROW, narrow_height or height)}
    return Chart(title, *(_svg(draw, size, f"{title} {name}") for name, size in sizes.items()), columns, rows)


def _svg(draw: Callable[[Figure], None], size: tuple[float, float], salt: str) -> Markup:
    """The figure as an element; names within it differ from those of other figures on the page."""
    look = {
        "svg.fonttype": "none",
        "svg.hashsalt": salt,
        "font.family": "sans-serif",
        "font.size": FONT,
        "text.color": INK,
        "axes.edgecolor": RULE,
        "axes.labelcolor": INK,
        "axes.titlesize": FONT,
        "xtick.color": INK,
        "ytick.color": INK,
        "grid.color": RULE,
    }
    file = io.StringIO()
    with matplotlib.rc_context(look), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # of a font that does not matter: the page has its own
        figure = Figure(size, layout="constrained")
        draw(figure)
        for axes in figure.axes:
            axes.patch.set_alpha(0)
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    svg = SIZE.sub(r"\1", FIRST_LINES.sub("", file.getvalue()))
    return Markup(svg.replace(INK, "currentColor").replace(RULE, "var(--rule)"))


def legend(axes: Axes, **where: object) -> None:
    """A legend without a box, in which $ is a dollar."""
    for text in axes.legend(frameon=False, labelcolor=INK, fontsize=FONT, **where).get_texts():
        text.set_parse_math(False)
