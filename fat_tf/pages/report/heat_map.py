"""Which class is taken for which, as a picture."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from fat_tf.evaluation.report import Report
from fat_tf.figures import BLUE, shortened
from fat_tf.pages.chart import NARROW, Chart, chart

MOST = 30  # classes that a picture shows
CLEAR_TO_BLUE = LinearSegmentedColormap.from_list("share", ["#3b6ea500", BLUE])
CELL, MARGIN = 0.24, 2.2  # inches


def confusion_chart(report: Report) -> Chart | None:
    """Clips by label and top class, of the classes that are confused most; None where none is."""
    if not (pairs := report["confusions"]):
        return None
    names = _most_confused(pairs, report["per_class"])
    shares = np.zeros((len(names), len(names)))
    for pair in pairs:
        if pair["truth"] in names and pair["taken_for"] in names:
            shares[names.index(pair["truth"]), names.index(pair["taken_for"])] = pair["clips"] / pair["of"]

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot(xlabel="top class", ylabel="label")
        axes.imshow(shares, cmap=CLEAR_TO_BLUE, vmin=0, vmax=max(shares.max(), 0.01), aspect="auto")
        letters = 12 if figure.get_figwidth() <= NARROW else 28
        shown = [shortened(name, letters) for name in names]
        axes.set_xticks(range(len(names)), shown, rotation=90, parse_math=False)
        axes.set_yticks(range(len(names)), shown, parse_math=False)
        axes.set_xticks(np.arange(1, len(names)) - 0.5, minor=True)
        axes.set_yticks(np.arange(1, len(names)) - 0.5, minor=True)
        axes.grid(which="minor", lw=0.4)
        axes.tick_params(which="minor", length=0)

    rows = [[pair["truth"], pair["taken_for"], pair["clips"], pair["of"]] for pair in pairs]
    columns = ("label", "taken for", "clips", "of")
    height = MARGIN + CELL * len(names)
    return chart(
        draw, "Share of a label's clips that are taken for another class", columns, rows, height, max(height, 3.5)
    )


def _most_confused(pairs: Sequence[Report], per_class: Report) -> list[str]:
    """In the order of the classes."""
    chosen: dict[str, None] = {}
    for pair in pairs:
        new = [name for name in (pair["truth"], pair["taken_for"]) if name not in chosen]
        if len(chosen) + len(new) <= MOST:
            chosen |= dict.fromkeys(new)
    return [name for name in per_class if name in chosen]
