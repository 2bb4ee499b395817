"""Runs side by side: the table, and the paired gain over seeds."""

import json

import numpy as np
import pytest
from fake_runs import make_scored_run

from fat_tf.errors import UserError
from fat_tf.evaluation.run_comparison import comparison_table, paired_gain
from fat_tf.metrics import overall_lwlrap
from fat_tf.runs.finished import finished_runs
from fat_tf.runs.score_table import ScoreTable

CLASSES = ("Bark", "Rain", "Siren")


@pytest.fixture
def folder(tmp_path):
    """Two strategies with two seeds each, the second one better; every fifth clip has two labels."""
    rng = np.random.default_rng(0)
    fnames = [f"{i}.wav" for i in range(60)]
    labels = [CLASSES[i % 3] + f",{CLASSES[(i + 1) % 3]}" * (i % 5 == 0) for i in range(60)]
    truth = np.array([[name in cell.split(",") for name in CLASSES] for cell in labels])
    for name, signal in (("a", 0.5), ("b", 1.5), ("a_7", 0.5), ("b_7", 1.5)):
        scores = rng.random(truth.shape) + signal * truth
        order = rng.permutation(60)
        table = ScoreTable(name, tuple(fnames[i] for i in order), CLASSES, scores[order])
        test = {"lwlrap": 0.5, "lwlrap_ci95": [0.4, 0.6], "folds": [0.41, 0.59]}
        metrics = {"lwlrap": overall_lwlrap(truth, scores), "test": test, "steps": [100, 110], "seconds": 90.0}
        curated = dict(zip(fnames, labels, strict=True))
        make_scored_run(tmp_path / "runs" / name, {"curated": curated}, {"oof_scores.csv": table}, metrics=metrics)
    return tmp_path / "runs"


def test_table_has_a_row_a_run(folder):
    lines = comparison_table(finished_runs([folder])).splitlines()
    assert len(lines) == 2 + 4
    assert lines[2].startswith("| a | 0.500 [0.400, 0.600] | 0.410, 0.590 | 0.")
    assert lines[2].endswith("| 105 | 2 |")
    assert finished_runs([folder / "b", folder / "a"]) == [folder / "b", folder / "a"]


def test_gain_is_the_mean_over_the_seeds_with_an_interval_by_the_labels_of_the_runs(folder, call):
    done = call("compare", f"--run_dir={folder}", "--pair=a,b")
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()[-1]
    of = {name: json.loads((folder / name / "metrics.json").read_text())["lwlrap"] for name in ("a", "b", "a_7", "b_7")}
    expected = (of["b"] - of["a"] + of["b_7"] - of["a_7"]) / 2
    assert said.startswith(f"b minus a, out of fold, 2 seeds: {expected:.3f} [")
    low, high = map(float, said.split("[")[1].split("]")[0].split(", "))
    assert 0 < low < expected < high
    assert "; clips with one label 0." in said and ", with more 0." in said


def test_what_cannot_be_compared_is_said(folder, tmp_path):
    with pytest.raises(UserError, match=r"There is no finished run b_8: did you mean b_7\?"):
        paired_gain(finished_runs([folder]), "a", "b_8")
    with pytest.raises(UserError, match="a and b have no seed in common"):
        paired_gain(finished_runs([folder / "a", folder / "b_7"]), "a", "b")
    (folder / "b_7" / "oof_scores.csv").unlink()
    with pytest.raises(UserError, match="finish that run first"):
        paired_gain(finished_runs([folder]), "a", "b")
    with pytest.raises(UserError, match="is no finished run, and holds none"):
        finished_runs([tmp_path])
    for damaged in ("{", "{}", "[]"):
        (folder / "a" / "metrics.json").write_text(damaged)
        with pytest.raises(UserError, match=r"a/metrics.json is damaged"):
            comparison_table(finished_runs([folder]))
