"""The paper's system, as its files say it, has no ingredient that came later."""

from dataclasses import replace
from pathlib import Path

import pytest

from fat_tf import config
from fat_tf.layers import ConcatPooling2D, FrequencyRamp, MixUp, MultiSampleDropout, SpecAugment
from fat_tf.training import CoupledAdam, Recipe, Stage, WarmupCosine
from fat_tf.training.clip_sets import KNOWN
from fat_tf.training.losses import SummedCrossEntropy
from fat_tf.training.noisy_selection import NoisySelection
from fat_tf.training.schedules import ReduceOnPlateau

NOISY = sorted(file.name for file in (Path(__file__).parent.parent.parent / "gin" / "noisy").glob("*.gin"))
SET = {"seed", "name", "dtype"}  # arguments that say nothing of what a part does


@pytest.mark.parametrize("model", ["m1.gin", "m3.gin"])
@pytest.mark.parametrize("noisy", [[], *([name] for name in NOISY)], ids=" ".join)
def test_the_papers_files_are_the_paper(model, noisy):
    config.load([model, *noisy], ["WIDTH=2"])
    recipe = config.make("Recipe")
    for stage in (*recipe.stages, *recipe.scorer_stages):
        check_stage(stage)
    check_recipe(recipe)
    check_model(recipe)


def values(layer) -> dict[str, object]:
    return {name: value for name, value in layer.get_config().items() if name not in SET}


def check_stage(stage: Stage) -> None:
    schedule = ReduceOnPlateau(epochs=65) if stage.name == "refit" else WarmupCosine(epochs=65)
    plain = Stage(stage.name, schedule, stage.data, stage.start, stage.augmentations, repeats=stage.repeats)
    assert stage == plain and stage.data in KNOWN  # no loss, labels, head, average, steps of its own
    kinds = [MixUp] if stage.name == "refit" else [SpecAugment, MixUp]
    layers = [make() for make in stage.augmentations]
    assert [type(layer) for layer in layers] == kinds
    assert values(layers[-1]) == {"alpha": 0.4, "per_clip": False}
    assert len(layers) == 1 or values(layers[0]) == {"frequency": 0.15, "time": 0.3, "masks": 2, "fill": 0.0}


def check_recipe(recipe: Recipe) -> None:
    """All that is not the model, the stages or the computer is as a recipe that says nothing has it."""
    assert type(recipe.loss()) is SummedCrossEntropy and type(recipe.optimiser()) is CoupledAdam
    optimiser = recipe.optimiser().get_config()
    assert [optimiser[name] for name in ("l2", "clip", "beta_1", "beta_2", "epsilon")] == [0.01, 1.0, 0.9, 0.999, 1e-8]
    chosen = {"selection": recipe.selection, "scorer_stages": recipe.scorer_stages}
    plain = Recipe(recipe.model, recipe.front_end, recipe.stages, recipe.optimiser, 64, recipe.loss, **chosen)
    assert replace(recipe, board=plain.board) == plain
    assert recipe.selection in (None, NoisySelection(0.252, 0.16667), NoisySelection(0.757, None))
    front_end = recipe.front_end
    assert (front_end.padding, front_end.window_seconds, front_end.trim_db) == ("zeros", 4.0, 60.0)
    log_mel = front_end.spectrogram
    assert (log_mel.n_fft, log_mel.hop_length, log_mel.n_mels) == (1920, 690, 64)


def check_model(recipe: Recipe) -> None:
    network = recipe.model(num_classes=3, input_shape=(16, 16, 1))
    pooling = {type(layer) for layer in network.layers if layer.name.startswith("pooling")}
    assert pooling == {ConcatPooling2D}
    assert not any(isinstance(layer, FrequencyRamp | MultiSampleDropout) for layer in network.layers)
