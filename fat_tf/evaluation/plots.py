"""The report of an evaluation as pictures: lwlrap by class, confusions, and what another score file changes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fat_tf.errors import UserError
from fat_tf.evaluation.report import Report
from fat_tf.evaluation.text import figure_text, weakest_first
from fat_tf.figures import BLUE, FONT, GREY, ORANGE, PALE, classes_down, confusions, save_png, titled
from fat_tf.files import written_whole
from fat_tf.metrics import with_interval

PATH = 72  # letters of a file that fit


def write_plots(report: Report, folder: str | Path) -> list[Path]:
    """Write per_class.png, confusions.png and, for each comparison, comparison_N.png; returns the files.

    A run's test clips have files of their own, test_per_class.png and so on.

    Args:
        report: of `evaluate_places`.
        folder: made if missing.

    Raises:
        UserError: the folder or a file cannot be written.
    """
    figures = _figures(report)
    if "test" in report:
        figures |= {f"test_{name}": figure for name, figure in _figures(report["test"]).items()}
    files = {_made(folder) / f"{name}.png": figure for name, figure in figures.items()}
    for file, figure in files.items():
        with written_whole(file) as unfinished:
            save_png(figure, unfinished)
    return list(files)


def _figures(report: Report) -> dict[str, Figure]:
    figures = {"per_class": class_figure(report), "confusions": confusion_figure(report)}
    for number, other in enumerate(report.get("comparisons", []), start=1):
        figures[f"comparison_{number}"] = comparison_figure(report, other)
    return figures


def _made(folder: str | Path) -> Path:
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"Plots folder {folder}: {error.strerror}. Choose another one with --plots") from error
    return Path(folder)


def class_figure(report: Report) -> Figure:
    """A bar for each class with its clips and value, the weakest at the top; a line for all, with its interval."""
    per_class, overall, ci95 = report["per_class"], report["lwlrap"], report["lwlrap_ci95"]
    names = weakest_first(per_class)
    values = [per_class[name]["lwlrap"] for name in names]
    figure, axes = _classes_down(names, per_class)
    axes.barh(range(len(names)), [value or 0 for value in values], color=BLUE, height=0.7)
    axes.axvspan(*ci95, color=ORANGE, alpha=0.2, lw=0)
    axes.axvline(overall, color=ORANGE)
    axes.set_xlim(0, 1)
    beside = axes.secondary_yaxis("right")
    beside.set_yticks(range(len(names)), map(figure_text, values), fontsize=FONT)
    titled(figure, f"{_end_of(report['scores'])}\nlwlrap by class (clips); all: {with_interval(overall, ci95)}")
    return figure


def comparison_figure(report: Report, other: Report) -> Figure:
    """Two dots a class, its lwlrap by the first file and by the other; what the other gains most at the top."""
    first, second = report["per_class"], other["per_class"]
    names = [name for name in weakest_first(first) if first[name]["clips"]]
    names.sort(key=lambda name: first[name]["lwlrap"] - second[name]["lwlrap"])
    figure, axes = _classes_down(names, first)
    before, after = ([of[name]["lwlrap"] for name in names] for of in (first, second))
    colours = [BLUE if b > a else ORANGE if b < a else GREY for a, b in zip(before, after, strict=True)]
    places = range(len(names))
    axes.hlines(places, before, after, colors=colours, lw=2)
    axes.scatter(before, places, s=26, color="white", edgecolors=GREY, zorder=2, label=_legend(report))
    axes.scatter(after, places, s=26, color=colours, zorder=3, label=_legend(other))
    axes.grid(color=PALE)
    axes.set_axisbelow(True)
    for text in figure.legend(loc="outside lower center", fontsize=FONT).get_texts():
        text.set_parse_math(False)
    titled(figure, f"lwlrap by class (clips); gain of all: {with_interval(other['gain'], other['gain_ci95'])}")
    return figure


def confusion_figure(report: Report) -> Figure:
    """Clips by label (rows) and top class (columns), coloured by their share of the label's clips.

    On the diagonal: clips of the label whose top class is one of their labels.
    """
    title = f"{_end_of(report['scores'])}\nclips by label and top class"
    return confusions(_confusion_matrix(report), list(report["per_class"]), title)


def _confusion_matrix(report: Report) -> np.ndarray:
    """(classes, classes) clips; rows are labels and sum to their clips."""
    place = {name: k for k, name in enumerate(report["per_class"])}
    matrix = np.diag([of_class["clips"] for of_class in report["per_class"].values()])
    for pair in report["confusions"]:
        label, top = place[pair["truth"]], place[pair["taken_for"]]
        matrix[label, top] = pair["clips"]
        matrix[label, label] -= pair["clips"]
    return matrix


def _classes_down(names: Sequence[str], per_class: Report) -> tuple[Figure, Axes]:
    return classes_down(names, [per_class[name]["clips"] for name in names])


def _end_of(path: str) -> str:
    return path if len(path) <= PATH else "…" + path[1 - PATH :]


def _legend(judged: Report) -> str:
    return f"{_end_of(judged['scores'])}: {with_interval(judged['lwlrap'], judged['lwlrap_ci95'])}"
