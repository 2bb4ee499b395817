"""Evaluations equal scikit-learn's, do not depend on order, and say what they found."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from fat_tf.errors import UserError
from fat_tf.evaluation.report import compare, evaluate, evaluate_files
from fat_tf.evaluation.text import as_text
from fat_tf.evaluation.truth import Truth, labels_of_file
from fat_tf.runs.score_table import ScoreTable, write_scores

SCORES = "fname,Bark,Meow,Rain\na,0.9,0.3,0.2\nb,0.1,0.8,0.2\nc,0.6,0.5,0.1\nd,0.1,0.2,0.3\n"
TRUTH = 'fname,labels\na,Bark\nb,Bark\nc,"Meow,Rain"\nd,Rain\n'


def make(seed: int, clips: int = 40, classes: int = 5, single: bool = False, ties: bool = False):
    """A score table and its truth: every clip has a label, the last class no clip."""
    rng = np.random.default_rng(seed)
    targets = np.zeros((clips, classes), bool) if single else rng.random((clips, classes)) < 0.25
    targets[np.arange(clips), rng.integers(0, classes - 1, clips)] = True
    targets[:, -1] = False
    scores = rng.normal(size=targets.shape) + targets
    fnames, names = tuple(f"{i}.wav" for i in range(clips)), tuple(f"class_{k}" for k in range(classes))
    usage = tuple(rng.choice(["Public", "Private"], clips))
    return ScoreTable("s.csv", fnames, names, np.round(scores) if ties else scores), Truth(fnames, targets, usage)


cases = given(st.integers(0, 10**6), st.integers(1, 30), st.integers(3, 8), st.booleans())


@settings(max_examples=40)
@cases
def test_every_metric_equals_scikit_learns(seed, clips, classes, ties):
    table, truth = make(seed, clips, classes, ties=ties)
    targets, scores, report = truth.targets, table.scores, evaluate(table, truth)
    weight, of_classes = targets.sum(axis=1), targets.sum(axis=0)
    lrap = metrics.label_ranking_average_precision_score(targets, scores, sample_weight=weight)
    some, both = of_classes > 0, (of_classes > 0) & (of_classes < clips)
    precision = [metrics.average_precision_score(targets[:, k], scores[:, k]) for k in np.flatnonzero(some)]
    assert report["lwlrap"] == pytest.approx(lrap)
    assert report["mean_average_precision"] == pytest.approx(np.mean(precision))
    if both.any():
        area = [metrics.roc_auc_score(targets[:, k], scores[:, k]) for k in np.flatnonzero(both)]
        assert report["roc_auc"] == pytest.approx(np.mean(area))
    else:
        assert report["roc_auc"] is None
    values = [
        metrics.label_ranking_average_precision_score(t[None], s[None]) for t, s in zip(targets, scores, strict=True)
    ]
    worst = sorted(value for value in values if value < 1)[:10]
    assert [clip["lwlrap"] for clip in report["worst_clips"]] == pytest.approx(worst)


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_accuracy_and_confusions_equal_scikit_learns_for_clips_of_one_label(seed):
    table, truth = make(seed, single=True)
    label, top, report = truth.targets.argmax(axis=1), table.scores.argmax(axis=1), evaluate(table, truth)
    assert report["accuracy"] == pytest.approx(metrics.accuracy_score(label, top))
    matrix = metrics.confusion_matrix(label, top, labels=range(5))
    confused = {(int(a), int(b)): int(matrix[a, b]) for a, b in np.argwhere(matrix) if a != b}
    pairs = {(int(c["truth"][-1]), int(c["taken_for"][-1])): c["clips"] for c in report["confusions"]}
    assert pairs == confused
    assert all(c["of"] == matrix[int(c["truth"][-1])].sum() for c in report["confusions"])
    counts = [c["clips"] for c in report["confusions"]]
    assert counts == sorted(counts, reverse=True)


def test_a_label_that_ties_for_the_top_is_taken_for_the_other_class():
    table = ScoreTable("t", ("a", "b"), ("c0", "c1", "c2"), np.array([[0.5, 0.5, 0.1], [0.1, 0.2, 0.9]]))
    report = evaluate(table, Truth(table.fnames, np.array([[True, False, False], [False, False, True]])))
    assert report["accuracy"] == 0.5
    assert report["confusions"] == [{"truth": "c0", "taken_for": "c1", "clips": 1, "of": 1}]


def point_figures(report) -> dict:
    """All but the intervals, which resample the clips by their place."""
    return {
        "overall": [report[name] for name in ("lwlrap", "mean_average_precision", "accuracy", "roc_auc")],
        "per_class": [(name, *of_class.values()) for name, of_class in sorted(report["per_class"].items())],
        "confusions": [tuple(pair.values()) for pair in report["confusions"]],
        "worst": [clip["lwlrap"] for clip in report["worst_clips"]],
        "usage": [(name, part["clips"], part["lwlrap"]) for name, part in report["usage"].items()],
    }


def assert_same(ours: dict, theirs: dict) -> None:
    assert ours["confusions"] == theirs["confusions"]
    for name in ("overall", "worst"):
        assert ours[name] == pytest.approx(theirs[name])
    for name in ("per_class", "usage"):
        for a, b in zip(ours[name], theirs[name], strict=True):
            assert a[0] == b[0] and a[1:] == pytest.approx(b[1:])


@settings(max_examples=15)
@given(st.integers(0, 10**6))
def test_the_order_of_clips_and_classes_changes_nothing(seed):
    table, truth = make(seed)
    rng = np.random.default_rng(seed)
    clips, classes = rng.permutation(40), rng.permutation(5)
    fnames, names = np.array(table.fnames)[clips].tolist(), np.array(table.vocabulary)[classes].tolist()
    shuffled = Truth(tuple(fnames), truth.targets[np.ix_(clips, classes)], tuple(np.array(truth.usage)[clips]))
    theirs = evaluate(table.ordered(fnames, names), shuffled)
    assert_same(point_figures(evaluate(table, truth)), point_figures(theirs))


@settings(max_examples=15)
@given(st.integers(0, 10**6))
def test_only_the_order_of_a_clips_scores_matters_for_lwlrap(seed):
    table, truth = make(seed)
    slope = np.random.default_rng(seed).uniform(0.1, 9, (40, 1))
    bent = ScoreTable("t.csv", table.fnames, table.vocabulary, np.exp(slope * table.scores) - slope)
    ours, theirs = evaluate(table, truth), evaluate(bent, truth)
    for name in ("lwlrap", "lwlrap_ci95", "accuracy", "per_class", "usage", "confusions"):
        assert ours[name] == theirs[name]


def test_usage_is_judged_as_if_alone():
    table, truth = make(1)
    report = evaluate(table, truth)
    for name in ("Public", "Private"):
        part = [i for i, usage in enumerate(truth.usage) if usage == name]
        fnames = [table.fnames[i] for i in part]
        alone = evaluate(table.ordered(fnames, table.vocabulary), Truth(tuple(fnames), truth.targets[part]))
        assert report["usage"][name] == {key: alone[key] for key in ("clips", "lwlrap", "lwlrap_ci95")}
        assert "usage" not in alone


def test_a_class_without_clips_has_no_value_and_no_weight():
    table, truth = make(2)
    report = evaluate(table, truth)
    assert report["per_class"]["class_4"] == {"lwlrap": None, "clips": 0}
    of_classes = [c for c in report["per_class"].values() if c["clips"]]
    labels = sum(c["clips"] for c in of_classes)
    assert sum(c["lwlrap"] * c["clips"] for c in of_classes) / labels == pytest.approx(report["lwlrap"])
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_a_comparison_is_the_difference_and_changes_its_sign():
    (table, truth), noise = make(3), np.random.default_rng(0).normal(size=(40, 5))
    other = ScoreTable("t.csv", table.fnames, table.vocabulary, table.scores + noise)
    there, back = compare(table, other, truth), compare(other, table, truth)
    assert there["gain"] == pytest.approx(there["lwlrap"] - back["lwlrap"]) and there["gain"] < 0
    assert there["gain_ci95"] == pytest.approx([-end for end in reversed(back["gain_ci95"])])
    assert there["per_class"] == evaluate(other, truth)["per_class"]


@pytest.fixture
def written(tmp_path):
    """Writes texts to files; returns their paths."""

    def write(**texts: str) -> list[str]:
        for name, text in texts.items():
            (tmp_path / f"{name}.csv").write_text(text)
        return [str(tmp_path / f"{name}.csv") for name in texts]

    return write


def test_a_clip_whose_top_class_is_no_label_counts_for_each_of_its_labels(written):
    scores, truth = written(scores=SCORES, truth=TRUTH)
    report = evaluate_files([scores], labels_of_file(truth))
    assert [tuple(pair.values()) for pair in report["confusions"]] == [
        ("Bark", "Meow", 1, 2),
        ("Meow", "Bark", 1, 1),
        ("Rain", "Bark", 1, 2),
    ]
    assert report["worst_clips"] == [
        {"fname": "b", "lwlrap": 1 / 3, "labels": ["Bark"], "top": [["Meow", 0.8], ["Rain", 0.2], ["Bark", 0.1]]},
        {
            "fname": "c",
            "lwlrap": pytest.approx((1 / 2 + 2 / 3) / 2),
            "labels": ["Meow", "Rain"],
            "top": [["Bark", 0.6], ["Meow", 0.5], ["Rain", 0.1]],
        },
    ]


def test_files_in_other_orders_are_compared_clip_by_clip(tmp_path, written):
    table, truth = make(4)
    labels = [",".join(np.array(table.vocabulary)[row]) for row in truth.targets]
    [file] = written(
        truth="fname,labels\n" + "".join(f'{f},"{t}"\n' for f, t in zip(table.fnames, labels, strict=True))
    )
    write_scores(tmp_path / "s.csv", table)
    write_scores(tmp_path / "t.csv", table.ordered(table.fnames[::-1], table.vocabulary[::-1]))
    [comparison] = evaluate_files([tmp_path / "s.csv", tmp_path / "t.csv"], labels_of_file(file))["comparisons"]
    assert comparison["gain"] == 0 and comparison["gain_ci95"] == [0, 0]


def test_common_clips_are_those_of_all_files(written):
    files = written(a=SCORES, b=SCORES.replace("a,", "x,"), truth=TRUTH.replace("b,Bark\n", "y,Bark\nz,Rain\n"))
    report = evaluate_files(files[:2], labels_of_file(files[2]), common_clips=True)
    assert report["clips"] == 2 and list(report["left_out"].values()) == [2, 2, 3]
    assert f"2 of {files[0]}, 2 of {files[1]}, 3 of {files[2]}" in as_text(report)


@pytest.mark.parametrize(
    "changed, common, says",
    [
        ({"b": SCORES.replace("a,", "x,")}, False, "different clips: .*a.csv alone has a; .*b.csv alone has x"),
        ({"b": SCORES.replace("Rain", "Wind")}, True, "different classes: .*a.csv alone has Rain"),
        ({"b": "fname,Bark,Meow,Rain\nx,1,2,3\n"}, True, "a.csv and .*b.csv have no clip in common"),
        ({"truth": "fname,labels\nx,Bark\n"}, True, "no clip in common"),
        ({"truth": "fname\na\n"}, False, "no column labels"),
        ({"b": SCORES.replace("0.9", "nan")}, False, "b.csv has scores that are no finite numbers: line 2, Bark"),
    ],
)
def test_what_does_not_fit_together_is_said(written, changed, common, says):
    a, b, truth = written(**({"a": SCORES, "b": SCORES, "truth": TRUTH} | changed))
    with pytest.raises(UserError, match=says):
        evaluate_files([a, b], labels_of_file(truth), common)


def test_the_text_has_the_weakest_class_first_and_one_without_clips_last():
    text = as_text(evaluate(*make(5)))
    lines = text.split("\n\n")[1].splitlines()[1:]
    values = [float(line.split()[2]) for line in lines[:-1]]
    assert values == sorted(values) and lines[-1].split() == ["class_4", "0", "-"]
    assert "nan" not in text.lower()


def test_the_text_of_a_perfect_file_lists_no_mistakes():
    table, truth = make(6)
    text = as_text(evaluate(ScoreTable("s.csv", table.fnames, table.vocabulary, truth.targets * 1.0), truth))
    assert "1.000 [1.000, 1.000]" in text and "taken for" not in text and "Worst" not in text


@pytest.mark.parametrize(
    "gain, ci95, says",
    [
        (0.012, [0.004, 0.02], "t.csv is better than s.csv by 0.012 [0.004, 0.020]"),
        (-0.012, [-0.02, -0.004], "t.csv is worse than s.csv by 0.012 [0.004, 0.020]"),
        (0.002, [-0.004, 0.008], "t.csv minus s.csv: 0.002 [-0.004, 0.008]; the clips cannot tell them apart"),
        (0.0, [0.0, 0.0], "the clips cannot tell them apart"),
    ],
)
def test_the_text_says_which_file_is_better_only_where_the_clips_can_tell(gain, ci95, says):
    other = {"scores": "t.csv", "lwlrap": 0.5, "lwlrap_ci95": [0.4, 0.6], "gain": gain, "gain_ci95": ci95}
    lines = as_text(evaluate(*make(7)) | {"comparisons": [other]}).splitlines()
    assert lines[-2] == "t.csv: lwlrap 0.500 [0.400, 0.600]" and lines[-1].endswith(says)
