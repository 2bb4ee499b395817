"""Every shipped configuration trains: a step of each, and an epoch of those whose parts no other one has."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fat_tf import config, training
from fat_tf.training import part_check

GIN = Path(__file__).parent.parent.parent / "gin"
OF_FOLDER = {folder.name: {path.name for path in folder.glob("*.gin")} for folder in GIN.glob("*/")}
TRAINED = sorted(OF_FOLDER["models"] | OF_FOLDER["noisy"] | OF_FOLDER["recipes"])
SHIPPED = sorted({*TRAINED, *OF_FOLDER["ensembles"]})
SECOND = {"multi_window.gin", "distil.gin", "beyond.gin", "beyond_curated.gin"}  # of a model that is named before them
CHOOSES = {"best5k.gin", "best15k.gin", "pretrain_then_best5k.gin", "beyond.gin"}  # noisy clips, by a scorer
STRATEGIES = OF_FOLDER["noisy"] | SECOND
SMALL = [
    "EPOCHS=1",
    "WIDTH=4",
    "BATCH_SIZE=40",
    "FrontEnd.window_seconds=1.0",
    "Recipe.validation_windows=1",
    "Recipe.windows=1",
    "Recipe.precision='float32'",
    "Board.share=0.0",
]
TWO_FOLDS = "assign_folds.count=2"
TINY = str(GIN.parent / "tests" / "training" / "tiny.gin")
PLANS = {  # stages that train, in their order; all others fit alone
    "best5k.gin": ["fit", "refit"],
    "beyond.gin": ["fit", "refit"],
    "best15k.gin": ["fit", "refit"],
    "curated_only.gin": ["fit", "refit"],
    "noisy_then_refit.gin": ["pretrain", "refit"],
    "pretrain_then_best5k.gin": ["pretrain", "fit", "refit"],
    "pretrain_then_curated.gin": ["pretrain", "fit", "refit"],
}
# Trained elsewhere: by stage1_densenet121.gin, which binds all that the first one does, and by test_quickstart.py.
ELSEWHERE = {"densenet121.gin", "quickstart.gin"}
FAST = {"m3.gin"}
# Where only the model or the list of stages is its own: a step of each stage, scores, the file, a prediction.
BY_STEPS = (
    OF_FOLDER["models"] - FAST | OF_FOLDER["noisy"] - {"best5k.gin", "noisy_then_refit.gin"} | {"beyond_curated.gin"}
)


def teacher(synthetic: Path, cache_dir: Path, tmp_path: Path) -> Path:
    """A finished run of all folds."""
    params = [*SMALL, TWO_FOLDS]
    config.load([TINY], params)
    training.train(config.make("Recipe"), tmp_path / "teacher", training.Inputs(synthetic, cache_dir), params)
    return tmp_path / "teacher"


def files_of(name: str) -> list[str]:
    return [TINY, name] if name in STRATEGIES else [name]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(BY_STEPS - ELSEWHERE))
def test_trains_a_step_of_each_stage_scores_and_is_saved(name, monkeypatch):
    monkeypatch.setattr(part_check, "_is_known", lambda part, room: False)  # whose parts are known, and not looked at
    config.load(files_of(name), SMALL)
    recipe = config.make("Recipe")
    assert [stage.name for stage in recipe.stages] == PLANS.get(name, ["fit"])
    part_check.check_parts(recipe, 5)


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[pytest.mark.slow] * (n not in FAST)) for n in TRAINED if n not in ELSEWHERE | BY_STEPS],
)
def test_trains_an_epoch(name, synthetic, cache_dir, tmp_path):
    files = files_of(name)
    params = SMALL + ["NoisySelection.scope='per_fold'"] * (name in CHOOSES)  # trains one scorer, not five
    params += ["refit/Stage.repeats=1"] * ("refit" in PLANS.get(name, []))
    if name == "distil.gin":
        params += [f"Recipe.scorer_run='{teacher(synthetic, cache_dir, tmp_path)}'", TWO_FOLDS]
    config.load(files, params)
    training.train(config.make("Recipe"), tmp_path / "run", training.Inputs(synthetic, cache_dir, [0]), params)
    history = pd.read_csv(tmp_path / "run" / "fold_0" / "history.csv")
    assert history["stage"].str.replace("-1", "").unique().tolist() == PLANS.get(name, ["fit"])
    assert np.isfinite(history[["loss", "val_loss"]]).all(axis=None)
    assert (tmp_path / "run" / "noisy_0.csv").exists() == (name in CHOOSES)


@pytest.mark.parametrize("name", SHIPPED)
def test_header_says_what_it_is_for(name):
    header = [line for line in config.find(name).read_text().split("\n\n")[0].splitlines() if line.startswith("#")]
    text = " ".join(header)
    assert "python tools/train.py --gin_file=" in text and f"--gin_file={name}" in text
    assert "Time" in text and "Score" in text


def test_everything_that_is_bound_in_base_is_there_for_the_default_model():
    config.load(["m3.gin"])
    recipe = config.make("Recipe")
    assert (recipe.stages[0].schedule.epochs, recipe.batch_size, recipe.seed) == (65, 64, 2019)
    front_end = recipe.front_end
    assert front_end.picture_shape == (64, 256, 1) and front_end.window_samples == 176_400
