"""A recipe as data: the same however it was made, another one where another thing is trained."""

import functools
import json
from dataclasses import replace

import gin
import keras
import pytest

from fat_tf import config
from fat_tf.layers import MixUp
from fat_tf.runs.recipe_changes import recipe_changes
from fat_tf.training.networks import build_network
from fat_tf.training.recipe_data import as_data, network_data, recipe_data


def recipe(*params: str):
    config.load(["m1.gin", "best5k.gin"], list(params))
    return config.make("Recipe")


@pytest.mark.parametrize(
    "param, says",
    [
        ("MixUp.alpha=0.7", "MixUp.alpha of stage fit: 0.4 → 0.7"),
        ("LogMel.hop_length=345", "LogMel.hop_length: 690 → 345"),
        ("WarmupCosine.peak=2e-3", "WarmupCosine.peak of stage fit: 0.001 → 0.002"),
        ("CoupledAdam.l2=0.0", "CoupledAdam.l2: 0.01 → 0.0"),
        ("NoisySelection.cap=None", "NoisySelection.cap: 0.16667 → None"),
        ("SEED=7", "Recipe.seed: 2019 → 7"),
    ],
)
def test_each_kind_of_difference_is_found(param, says):
    assert says in recipe_changes(recipe_data(recipe(), None), recipe_data(recipe(param), None))


@pytest.mark.parametrize(
    "param", ["LogMel.fmin=20", "Recipe.folds=(0,)", "Recipe.baseline=True", "Recipe.unreadable='leave_out'",
              "refit/Stage.repeats=3", "FeatureCache.shard_clips=8"]
)  # fmt: skip
def test_what_trains_the_same_is_the_same_or_appended(param):
    before = recipe_data(recipe("NoisySelection.scope='per_fold'", "Recipe.scorer_stages=(@fit/Stage(),)"), None)
    now = recipe_data(recipe("NoisySelection.scope='per_fold'", "Recipe.scorer_stages=(@fit/Stage(),)", param), None)
    assert recipe_changes(before, now) == []


def test_a_replaced_recipe_is_another_one():
    one = recipe()
    other = recipe_data(
        replace(one, batch_size=3, optimiser=functools.partial(keras.optimizers.Adam, beta_1=0.8)), None
    )
    changes = recipe_changes(recipe_data(one, None), other)
    assert changes == ["Recipe.optimiser: CoupledAdam → Adam", "Recipe.batch_size: 64 → 3"]


def test_automatic_precision_is_told_as_what_it_is_here():
    assert recipe_data(recipe(), None)["precision"] in ("float32", "mixed_bfloat16", "mixed_float16")


def test_networks_differ_by_size_and_settings_not_by_counted_names():
    def network(*params):
        keras.layers.Conv2D(1, 1)  # counts a name up
        return network_data(build_network(recipe("WIDTH=2", *params), 3))

    first = network()
    assert first == network() and first["class"] == "m1"
    assert network("WIDTH=3")["parameters"] != first["parameters"]
    other = network("m1.dropout_samples=4")
    assert other["parameters"] == first["parameters"] and other["layers"] != first["layers"]


class Loud:
    """A set of clips or a loss of a person's own, called with arguments."""

    def __init__(self, level: float = 0.5):
        self.level, self._cache = level, object()

    def __call__(self, clips):
        return clips


def test_parts_of_a_persons_own_are_told_by_class_or_name_and_settings():
    @gin.configurable(module="my")
    def focal(labels, logits, gamma=2.0):
        return labels

    gin.parse_config("focal.gamma = 3.0")
    assert as_data(Loud) == as_data(Loud()) == {"class": "Loud", "level": 0.5}
    assert as_data(Loud(0.7)) == {"class": "Loud", "level": 0.7}
    assert as_data(focal)["gamma"] == 3.0 and as_data(focal)["class"].endswith("focal")
    assert as_data((MixUp, functools.partial(MixUp, alpha=0.9)))[1]["alpha"] == 0.9
    assert as_data(keras.losses.BinaryCrossentropy(from_logits=True))["from_logits"] is True
    json.dumps(as_data(keras.layers.Conv2D(3, 1, kernel_initializer="he_normal")))
