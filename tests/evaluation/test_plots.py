"""Plots show the report's figures, and can be read."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import imread
from sklearn.metrics import confusion_matrix

from fat_tf import figures
from fat_tf.errors import UserError
from fat_tf.evaluation.plots import class_figure, comparison_figure, confusion_figure, write_plots
from fat_tf.evaluation.report import compare, evaluate
from fat_tf.evaluation.truth import Truth
from fat_tf.runs.score_table import ScoreTable

ODD = ("Chewing_and_mastication", "No_$\\mathx$", "Female_speech_and_woman_speaking", "x" * 99)


def make_report(classes: int, clips: int = 300, name: str = "s.csv") -> dict:
    """One label a clip; the last class has none."""
    rng = np.random.default_rng(0)
    targets = np.eye(classes, dtype=bool)[rng.integers(0, classes - 1, clips)]
    scores = rng.normal(size=targets.shape) + 3 * targets
    vocabulary = tuple(ODD[k] if k < len(ODD) else f"Class_with_number_{k}" for k in range(classes))
    table = ScoreTable(name, tuple(f"{i}.wav" for i in range(clips)), vocabulary, scores)
    other = ScoreTable(f"other_{name}", table.fnames, vocabulary, scores + rng.normal(size=scores.shape))
    truth = Truth(table.fnames, targets)
    matrix = confusion_matrix(targets.argmax(axis=1), scores.argmax(axis=1), labels=range(classes))
    return evaluate(table, truth) | {"comparisons": [compare(table, other, truth)], "matrix": matrix}


def figures_of(report: dict) -> list:
    return [class_figure(report), confusion_figure(report), comparison_figure(report, report["comparisons"][0])]


def test_of_very_many_classes_those_that_are_confused_most_are_drawn(monkeypatch):
    monkeypatch.setattr(figures, "MOST", 3)
    matrix = np.diag([9, 9, 9, 9, 9])
    matrix[0, 4], matrix[1, 4], matrix[2, 3] = 2, 3, 1
    figure = figures.confusions(matrix, list("abcde"), "title")
    axes = figure.axes[0]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["a", "b", "e"]
    np.testing.assert_allclose(axes.collections[0].get_array(), [[9 / 11, 0, 2 / 11], [0, 9 / 12, 3 / 12], [0, 0, 1]])
    assert figure.get_suptitle() == "title: 3 of 5 classes, which are confused most"


def test_of_very_many_cells_the_fullest_are_numbered(monkeypatch):
    monkeypatch.setattr(figures, "NUMBERS", 3)
    matrix = np.array([[9, 1, 0], [2, 8, 1], [1, 0, 7]])
    assert {text.get_text() for text in figures.confusions(matrix, list("abc"), "title").axes[0].texts} == set("987")


@pytest.mark.parametrize("classes, name", [(3, "s.csv"), (10, "a_long_$\\mathx$_name/" * 8 + "s.csv"), (80, "s.csv")])
def test_no_text_covers_another_or_leaves_the_picture(classes, name):
    for figure in figures_of(make_report(classes, name=name)):
        FigureCanvasAgg(figure).draw()
        axes, (width, height) = figure.axes[0], figure.get_size_inches()
        for names in (axes.get_yticklabels(), axes.get_xticklabels()):
            assert not any(a.overlaps(b) for a, b in combinations([name.get_window_extent() for name in names], 2))
        drawn = figure.get_tightbbox()
        assert min(drawn.x0, drawn.y0) >= 0 and drawn.x1 <= width and drawn.y1 <= height


def test_confusions_are_scikit_learns_with_their_counts():
    report = make_report(10)
    axes, matrix = confusion_figure(report).axes[0], report["matrix"]
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    np.testing.assert_allclose(axes.collections[0].get_array(), share)
    written = {(text.get_position()[1], text.get_position()[0]): int(text.get_text()) for text in axes.texts}
    assert written == {(row, column): matrix[row, column] for row, column in np.argwhere(matrix)}


def test_bars_are_the_classes_weakest_first():
    report = make_report(10)
    axes = class_figure(report).axes[0]
    lengths = [bar.get_width() for bar in axes.patches[:10]]
    assert lengths[:9] == sorted(of["lwlrap"] for of in report["per_class"].values() if of["clips"])
    assert lengths[9] == 0 and axes.get_yticklabels()[9].get_text() == "Class_with_number_9 (0)"
    assert axes.yaxis_inverted()


def test_dots_are_the_classes_what_gains_most_first():
    report = make_report(10)
    other = report["comparisons"][0]["per_class"]
    before, after = (
        dots.get_offsets()[:, 0] for dots in comparison_figure(report, report["comparisons"][0]).axes[0].collections[1:]
    )
    gains = [other[name]["lwlrap"] - of["lwlrap"] for name, of in report["per_class"].items() if of["clips"]]
    np.testing.assert_allclose(after - before, sorted(gains, reverse=True), atol=1e-12)


def test_png_files_are_written_and_a_folder_that_cannot_be_is_said(tmp_path):
    report = make_report(4)
    files = write_plots(report, tmp_path / "new" / "plots")
    assert [file.name for file in files] == ["per_class.png", "confusions.png", "comparison_1.png"]
    assert all(imread(file).std() > 0 for file in files)
    assert sorted(files) == sorted((tmp_path / "new" / "plots").iterdir())
    with pytest.raises(UserError, match=r"Plots folder .*per_class.png.*--plots"):
        write_plots(report, files[0])
