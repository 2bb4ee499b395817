"""Runs where score files stand: judged by their own labels, out of fold and on their test clips."""

import json
from pathlib import Path

import numpy as np
import pytest
from fake_runs import make_scored_run

from fat_tf.runs.score_table import ScoreTable, write_scores

CLASSES = ("Bark", "Rain")
CURATED = {"a.wav": "Bark", "b.wav": "Rain", "c.wav": "Bark,Rain", "not_trained_yet.wav": "Rain"}
TEST = {"x.wav": "Bark", "y.wav": "Rain"}
OOF = ScoreTable("", ("c.wav", "a.wav", "b.wav"), CLASSES, np.array([[0.9, 0.8], [0.7, 0.1], [0.6, 0.5]]))  # b is wrong
ON_TEST = ScoreTable("", ("y.wav", "x.wav"), CLASSES, np.array([[0.2, 0.8], [0.7, 0.1]]))
BETTER = ScoreTable("", ("a.wav", "b.wav", "c.wav"), CLASSES, np.array([[0.7, 0.1], [0.5, 0.6], [0.9, 0.8]]))


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """The run `r`, the run `blind` of the same training clips without test labels, and better.csv, out of fold."""
    monkeypatch.chdir(tmp_path)
    scores = {"oof_scores.csv": OOF, "test_scores.csv": ON_TEST}
    make_scored_run(Path("r"), {"curated": CURATED, "test": TEST}, scores)
    make_scored_run(Path("blind"), {"curated": CURATED, "test": dict.fromkeys(TEST, "")}, scores)
    write_scores("better.csv", BETTER)


@pytest.fixture
def evaluate(call):
    """The report of the command with these flags."""

    def run(*flags: str) -> dict:
        done = call("evaluate", *flags, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_a_run_is_judged_by_its_own_labels(evaluate, call):
    report = evaluate("--scores=r")
    assert report["scores"] == "r/oof_scores.csv" and report["clips"] == 3
    assert report["lwlrap"] == pytest.approx((1 + 0.5 + 1 + 1) / 4)
    assert report["test"]["scores"] == "r/test_scores.csv" and report["test"]["lwlrap"] == 1
    said = call("evaluate", "--scores=r", "--plots=plots").stdout
    assert said.index("r/oof_scores.csv: 3 clips") < said.index("r/test_scores.csv: 2 clips")
    assert Path("plots/test_per_class.png").is_file() and Path("plots/per_class.png").is_file()


def test_names_in_another_spelling_are_the_same_clip(evaluate):
    scores = np.array([[0.9, 0.1], [0.2, 0.8]])
    write_scores("one.csv", ScoreTable("", ("caf\u00e9.wav", "a.wav"), CLASSES, scores))
    write_scores("two.csv", ScoreTable("", (" a.wav", "cafe\u0301.wav"), CLASSES, scores[::-1]))
    Path("truth.csv").write_text("fname,labels\ncafe\u0301.wav ,Bark\na.wav,Rain\n")
    for more in ([], ["--common_clips"]):
        report = evaluate("--scores=one.csv", "--scores=two.csv", "--truth=truth.csv", *more)
        assert report["clips"] == 2 and report["lwlrap"] == 1 and report["comparisons"][0]["gain"] == 0


def test_test_clips_without_labels_are_not_judged(evaluate):
    assert "test" not in evaluate("--scores=blind")


def test_clips_without_a_label_among_others_are_background(evaluate, call):
    scores = {"oof_scores.csv": OOF, "test_scores.csv": ON_TEST}
    make_scored_run(Path("half"), {"curated": CURATED | {"b.wav": ""}, "test": TEST | {"y.wav": ""}}, scores)
    report = evaluate("--scores=half")
    assert report["clips"] == 2 and report["lwlrap"] == report["accuracy"] == 1  # b.wav counts for neither
    assert report["background"] == {"clips": 1, "false_alarms": 1.0, "classes": {"Bark": 1}}
    assert report["test"]["clips"] == 1 and report["test"]["background"]["classes"] == {"Rain": 1}
    said = call("evaluate", "--scores=half").stdout
    assert "False alarms in the background: 1 of 1 clips have a score above 0.5 (100.0%): Bark 1\n" in said


def test_two_runs_are_compared_on_both_parts(evaluate):
    report = evaluate("--scores=r", "--scores=r")
    assert report["comparisons"][0]["gain"] == report["test"]["comparisons"][0]["gain"] == 0


@pytest.mark.parametrize("order", [["r", "better.csv"], ["better.csv", "r"]])
def test_beside_a_file_a_run_has_the_scores_of_its_clips(evaluate, order):
    report = evaluate(*(f"--scores={place}" for place in order))
    of = {one["scores"]: one["lwlrap"] for one in (report, *report["comparisons"])}
    assert of == {"r/oof_scores.csv": pytest.approx(3.5 / 4), "better.csv": 1}


def test_a_truth_wins_and_says_which_clips_are_meant(evaluate):
    Path("truth.csv").write_text("fname,labels\nx.wav,Rain\ny.wav,Rain\n")
    report = evaluate("--scores=r", "--truth=truth.csv")
    assert report["scores"] == "r/test_scores.csv" and report["lwlrap"] == 0.75 and "test" not in report


@pytest.mark.parametrize("flags, says", [
    ("--scores=better.csv", "Give --truth, a CSV with fname and labels: only a run knows the labels of its clips"),
    ("--scores=r --scores=other.csv", "r has no scores of the clips of other.csv: it has out-of-fold clips a.wav"),
    ("--scores=old", "old is of an earlier version, which did not note its data: give --truth"),
    ("--scores=new", "new has no oof_scores.csv: finish that run first"),
    ("--scores=.", ". has no oof_scores.csv: finish that run first, or name a score file"),
])  # fmt: skip
def test_what_is_missing_is_named(call, flags, says):
    write_scores("other.csv", ScoreTable("", ("z.wav",), CLASSES, np.zeros((1, 2))))
    for name in ("old", "new"):
        make_scored_run(Path(name), {"curated": CURATED}, {"oof_scores.csv": OOF})
    Path("old/manifest.json").unlink()
    Path("new/oof_scores.csv").unlink()
    done = call("evaluate", *flags.split())
    assert done.returncode == 2 and done.stderr.startswith(f"Error: {says}") and len(done.stderr.splitlines()) == 1
