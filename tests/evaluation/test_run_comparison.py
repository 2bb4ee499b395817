"""Runs side by side: the table, and the paired gain over seeds."""

import json

import numpy as np
import pandas as pd
import pytest

from fat_tf.data import read_dataset
from fat_tf.errors import UserError
from fat_tf.evaluation.run_comparison import comparison_table, paired_gain
from fat_tf.metrics import overall_lwlrap


@pytest.fixture
def runs(tmp_path, synthetic):
    """Two strategies with two seeds each, the second one better."""
    dataset, rng = read_dataset(synthetic), np.random.default_rng(0)
    curated = dataset.of("curated")
    truth = dataset.targets(curated)
    for name, signal in (("a", 0.5), ("b", 1.5), ("a_7", 0.5), ("b_7", 1.5)):
        scores = rng.random(truth.shape) + signal * truth
        table = pd.DataFrame(scores, columns=list(dataset.vocabulary))
        table.insert(0, "fname", curated["fname"])
        (tmp_path / name).mkdir()
        table.sample(frac=1, random_state=1).to_csv(tmp_path / name / "oof_scores.csv", index=False)
        test = {"lwlrap": 0.5, "lwlrap_ci95": [0.4, 0.6], "folds": [0.41, 0.59]}
        metrics = {"lwlrap": overall_lwlrap(truth, scores), "test": test, "steps": [100, 110], "seconds": 90.0}
        (tmp_path / name / "metrics.json").write_text(json.dumps(metrics))
    return tmp_path


def test_table_has_a_row_a_run(runs):
    lines = comparison_table(runs).splitlines()
    assert len(lines) == 2 + 4
    assert lines[2].startswith("| a | 0.500 [0.400, 0.600] | 0.410, 0.590 | 0.")
    assert lines[2].endswith("| 105 | 2 |")


def test_gain_is_the_mean_over_the_seeds_with_an_interval(runs, synthetic):
    said = paired_gain(runs, read_dataset(synthetic), "a", "b")
    of = {name: json.loads((runs / name / "metrics.json").read_text())["lwlrap"] for name in ("a", "b", "a_7", "b_7")}
    expected = (of["b"] - of["a"] + of["b_7"] - of["a_7"]) / 2
    assert said.startswith(f"b minus a, out of fold, 2 seeds: {expected:.3f} [")
    low, high = map(float, said.split("[")[1].split("]")[0].split(", "))
    assert 0 < low < expected < high
    assert "; clips with one label 0." in said and ", with more 0." in said


def test_what_cannot_be_compared_is_said(runs, synthetic, tmp_path):
    dataset = read_dataset(synthetic)
    with pytest.raises(UserError, match="no run c"):
        paired_gain(runs, dataset, "c", "b")
    (runs / "b_7" / "oof_scores.csv").unlink()
    with pytest.raises(UserError, match="finish that run first"):
        paired_gain(runs, dataset, "a", "b")
    with pytest.raises(UserError, match="no finished runs"):
        comparison_table(synthetic)
