"""How figures look, and what several parts of the package draw with classes along an axis."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

LINE = 0.24  # inches a class: its name and air
FONT = 9  # points
NAME = 36  # letters of a class that fit
DPI, PIXELS = 120, 8000  # resolution, and the longest side: very many classes are drawn smaller
MOST = 200  # classes of which confusions are drawn: 500 would take 3 GB and half a minute
NUMBERS = 5000  # of cells that say how many clips they are: 40,000 would take half a minute
BLUE, ORANGE, GREY, PALE = "#3b6ea5", "#c8641b", "#a0a0a0", "#e4e4e4"


def save_png(figure: Figure, to: Path | BinaryIO, dpi: float = DPI) -> None:
    """Write a figure as PNG, `dpi` pixels an inch, or fewer where it would be huge."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")  # of a class in letters that the font lacks
        figure.savefig(to, format="png", dpi=min(dpi, PIXELS / max(figure.get_size_inches())))


def blank(width: float, height: float) -> Figure:
    """A figure of so many inches that makes room for what is beside its axes."""
    return Figure((width, height), layout=ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.1))


def titled(figure: Figure, text: str) -> None:
    """Give a figure a title, in which $ is a dollar."""
    text = text.encode("utf-8", "backslashreplace").decode()  # of files whose names are not UTF-8
    figure.suptitle(text, fontsize=FONT + 1, parse_math=False)


def shortened(name: str, letters: int = NAME) -> str:
    """A class's name as far as it fits."""
    return name if len(name) <= letters else name[: letters - 1] + "…"


def classes_down(names: Sequence[str], clips: Sequence[int]) -> tuple[Figure, Axes]:
    """Axes for values of lwlrap with a line a class and its number of clips, from the top down."""
    figure = blank(8, 1.5 + LINE * len(names))
    axes = figure.add_subplot(xlabel="lwlrap", ylim=(len(names) - 0.4, -0.6))
    lines = [f"{shortened(name)} ({number})" for name, number in zip(names, clips, strict=True)]
    axes.set_yticks(range(len(names)), lines, fontsize=FONT, parse_math=False)
    return figure, axes


def confusions(matrix: np.ndarray, names: Sequence[str], title: str) -> Figure:
    """Clips by label (rows) and top class (columns), coloured by their share of the row.

    Of very many classes those that are confused most.

    Args:
        matrix: (classes, classes) int.
        names: of the classes.
        title: above it.
    """
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    if len(matrix) > MOST:
        title, shown = f"{title}: {MOST} of {len(matrix)} classes, which are confused most", _most_confused(matrix)
        matrix, share, names = matrix[shown][:, shown], share[shown][:, shown], [names[k] for k in shown]
    cell = max(LINE, 5 / len(matrix))
    side = cell * len(matrix) + 3  # room for names
    figure = blank(side + 0.5, side)
    axes = figure.add_subplot(xlabel="top class", ylabel="label")
    edges = np.arange(len(matrix) + 1) - 0.5
    image = axes.pcolormesh(edges, edges, share, cmap="Blues", vmin=0, vmax=1)  # imshow takes 0.6 GB for 200 classes
    axes.invert_yaxis()
    figure.colorbar(image, ax=axes, shrink=0.5, fraction=0.4 / side, pad=0.01, label="share of the label's clips")
    for row, column in _to_number(matrix):
        colour = "white" if share[row, column] > 0.5 else "black"
        place = {"ha": "center", "va": "center", "clip_on": True}
        axes.text(column, row, matrix[row, column], color=colour, size=min(FONT, 27 * cell), **place)
    _name_cells(axes, [shortened(name) for name in names])
    titled(figure, title)
    return figure


def _to_number(matrix: np.ndarray) -> np.ndarray:
    """(cells, 2) rows and columns: all that hold clips, or of very many the fullest."""
    cells = np.argwhere(matrix)
    return cells[np.argsort(-matrix[tuple(cells.T)], kind="stable")[:NUMBERS]]


def _most_confused(matrix: np.ndarray) -> np.ndarray:
    """MOST classes in their order."""
    wrong = matrix - np.diag(np.diag(matrix))
    return np.sort(np.argsort(-wrong.sum(axis=0) - wrong.sum(axis=1), kind="stable")[:MOST])


def _name_cells(axes: Axes, names: Sequence[str]) -> None:
    """Names beside rows and below columns, and lines between them."""
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=FONT, parse_math=False)
    axes.set_yticks(range(len(names)), names, fontsize=FONT, parse_math=False)
    edges = np.arange(1, len(names)) - 0.5
    axes.set_xticks(edges, minor=True)
    axes.set_yticks(edges, minor=True)
    axes.grid(which="minor", color=PALE, lw=0.5)
    axes.tick_params(which="minor", length=0)
