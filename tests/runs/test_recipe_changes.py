"""Differences of recipes in words."""

import copy

import pytest

from fat_tf.runs.recipe_changes import recipe_changes

MIXUP, SPEC_AUGMENT = {"class": "MixUp", "alpha": 0.4}, {"class": "SpecAugment", "masks": 2}
FIT = {"class": "Stage", "name": "fit", "data": "curated", "augmentations": [SPEC_AUGMENT, MIXUP]}
REFIT = {"class": "Stage", "name": "refit", "data": "curated", "augmentations": [MIXUP]}
RECIPE = {
    "class": "Recipe",
    "front_end": {"class": "FrontEnd", "spectrogram": {"fmin": 20.0}},
    "stages": [FIT],
    "loss": {"class": "SummedCrossEntropy"},
    "normalisation": "training_set",
    "seed": 1,
}


def changed(**more) -> list[str]:
    return recipe_changes(RECIPE, copy.deepcopy(RECIPE) | more)


def stage(**more) -> list[dict]:
    return [copy.deepcopy(FIT) | more]


@pytest.mark.parametrize(
    "more, says",
    [
        ({"seed": 2}, ["Recipe.seed: 1 → 2"]),
        ({"seed": 1.0}, []),
        ({"front_end": {"class": "FrontEnd", "spectrogram": {"fmin": 20}}}, []),
        ({"front_end": {"class": "FrontEnd", "spectrogram": {"fmin": 50}}}, ["FrontEnd.spectrogram.fmin: 20.0 → 50"]),
        ({"front_end": {"class": "Pcen"}}, ["Recipe.front_end: FrontEnd → Pcen"]),
        (
            {"stages": stage(augmentations=[SPEC_AUGMENT, MIXUP | {"alpha": 0.7}])},
            ["MixUp.alpha of stage fit: 0.4 → 0.7"],
        ),
        (
            {"stages": stage(augmentations=[MIXUP, SPEC_AUGMENT])},
            ["Stage.augmentations of stage fit: (SpecAugment, MixUp) → (MixUp, SpecAugment)"],
        ),
        ({"stages": stage(augmentations=[])}, ["Stage.augmentations of stage fit: (SpecAugment, MixUp) → ()"]),
        ({"stages": stage(data={"class": "loud"})}, ["Stage.data of stage fit: curated → loud"]),
        ({"stages": stage(name="first")}, ["Recipe.stages: (fit) → (first)"]),
        ({"normalisation": [-40.0, 20.0]}, ["Recipe.normalisation: training_set → (-40.0, 20.0)"]),
        ({"mix": "waveforms"}, ["Recipe.mix: nothing → waveforms"]),
        ({"seed": 2, "loss": {"class": "focal"}}, ["Recipe.loss: SummedCrossEntropy → focal", "Recipe.seed: 1 → 2"]),
    ],
)
def test_each_difference_is_named(more, says):
    assert changed(**more) == says


def test_appended_stages_are_no_difference_and_missing_ones_are():
    longer = RECIPE | {"stages": [FIT, REFIT]}
    assert recipe_changes(RECIPE, longer) == []
    assert recipe_changes(longer, RECIPE) == ["Recipe.stages: (fit, refit) → (fit)"]
    assert recipe_changes(RECIPE, RECIPE | {"stages": [REFIT, FIT]}) == ["Recipe.stages: (fit) → (refit, fit)"]


def test_a_stage_before_the_appended_ones_must_be_the_same():
    longer = RECIPE | {"stages": [FIT | {"data": "noisy"}, REFIT]}
    assert recipe_changes(RECIPE, longer) == ["Stage.data of stage fit: curated → noisy"]
