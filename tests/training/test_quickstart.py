"""What `make quickstart` promises of the built-in set: too hard for a linear model, learnable by a network."""

import pytest

from fat_tf import config, training
from fat_tf.data import make_synthetic

QUICKER = ["EPOCHS=9", "Recipe.validation_windows=1"]  # 30 reach more yet


@pytest.mark.slow
def test_the_model_beats_the_linear_baseline_which_beats_chance(tmp_path):
    config.load(["quickstart.gin"], QUICKER)
    folder = make_synthetic(tmp_path / "synthetic")
    test = training.train(config.make("Recipe"), tmp_path / "run", training.Inputs(folder, tmp_path / "cache"))["test"]
    assert test["chance"] + 0.2 < test["baseline"] and 0.55 < test["baseline"] < 0.90
    assert test["gain"] > 0.05 and test["gain_ci95"][0] > 0
