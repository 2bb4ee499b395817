"""What can be seen without a GPU of how a training would go on one; how fast it is there is not measured."""

from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from tensorflow.python.framework import config as tf_config
from tensorflow.python.framework import ops
from test_replicas import FRONT_END, TWO, batches, model_of, small, trained

from fat_tf.data import sources
from fat_tf.data.batches import training_batches
from fat_tf.data.sources import MemoryPictures
from fat_tf.layers import (
    BetweenClass,
    CrossFade,
    FilterAugment,
    MixUp,
    OverlayMix,
    RandomGain,
    RandomLength,
    SpecAugment,
    TimeShift,
    UnionMixUp,
)
from fat_tf.models import device
from fat_tf.models.device import uses_xla
from fat_tf.training import CoupledAdam, Recipe, Stage, WarmupCosine
from fat_tf.training.progress import Progress
from fat_tf.training.replicas import fit
from fat_tf.training.time_left import FoldWork, StageWork

LOSS_SCALE = 2.0**15  # Keras' at the start


@pytest.fixture
def pictures(monkeypatch) -> MemoryPictures:
    """A clip of five frames, made where a GPU would be the default device."""
    stored = tf.data.Dataset.from_tensors((b"a", tf.ones((5, 4), tf.float16)))
    monkeypatch.setattr(sources, "read_shards", lambda shards, values: stored)
    front_end = SimpleNamespace(window_frames=3, hop_length=1, sample_rate=1, frame_values=4, picture_shape=(4, 3, 1))
    with tf.device("CPU:1"):
        return MemoryPictures(pd.DataFrame({"frames": [5], "key": ["a"], "shard": ["s"]}), front_end)


def test_the_data_set_stays_in_the_memory_of_the_host(pictures):
    with tf.device("CPU:1"):
        assert tf.ones(()).device.endswith("CPU:1")
        dataset = training_batches(pictures, np.zeros(4, np.int64), np.ones((1, 2), np.float32), 2, range(1), (1, 2))
    assert pictures._frames.device.endswith("CPU:0")
    assert len(list(dataset)) == 2


class Waits(keras.callbacks.Callback):
    """Counts how often a value is fetched, which waits for the device; what is true or false is on the host anyway."""

    def __init__(self, monkeypatch):
        super().__init__()
        self.count, fetch = 0, ops._EagerTensorBase._numpy

        def counted(tensor):
            self.count += tensor.dtype != tf.bool
            return fetch(tensor)

        monkeypatch.setattr(ops._EagerTensorBase, "_numpy", counted)

    def on_train_batch_begin(self, batch, logs=None):
        self.first = self.count if batch == 0 else self.first
        self.last = self.count


@pytest.mark.parametrize("distribution", [None, pytest.param(TWO, marks=pytest.mark.slow)], ids=["one", "two"])
def test_no_step_is_waited_for(monkeypatch, distribution):
    progress = Progress({0: FoldWork([StageWork(3, 2)], 1, 1)}, 4, lambda note: None)
    progress.fold_begins(0)
    waits, model = Waits(monkeypatch), model_of(distribution)
    fit(model, batches(), range(1), 3, [waits, progress.of_steps(0)])
    assert waits.last > waits.first  # until it is known how long it will take, which is said then
    progress._estimated = True
    fit(model, batches(), range(1), 3, [waits, progress.of_steps(0)])
    assert waits.last == waits.first


def test_the_loss_scale_of_mixed_float16_grows_and_halves():
    model = model_of(None, precision="mixed_float16")
    scale = model.optimizer.dynamic_scale
    scale.assign(4.0)  # that no gradient overflows with
    model.optimizer.dynamic_growth_steps = 3
    start = model.get_weights()
    assert np.isfinite(trained(model)[0]["clip_loss"]) and float(scale) == 8
    kept = model.get_weights()
    assert any((a != b).any() for a, b in zip(start, kept, strict=True))


def test_a_step_that_overflows_halves_the_loss_scale_and_leaves_the_weights():
    model = model_of(None, precision="mixed_float16")
    before = [weight.numpy() for weight in model.trainable_weights]
    ((pictures, labels),) = next(iter(batches()))
    model.train_step(((tf.fill(pictures.shape, 6e4), labels),))
    assert float(model.optimizer.dynamic_scale) == LOSS_SCALE / 2
    for weight, value in zip(model.trainable_weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)


@pytest.mark.slow
def test_replicas_have_one_loss_scale():
    one, two = model_of(None, precision="mixed_float16"), model_of(TWO, precision="mixed_float16")
    for model in (one, two):
        model.optimizer.dynamic_growth_steps = 3
        model.optimizer.dynamic_scale.assign(4.0)
    assert trained(two)[0] == pytest.approx(trained(one)[0], rel=0.01)
    assert two.optimizer.dynamic_scale.numpy() == 8


def test_xla_where_it_is_asked_for_or_there_is_a_gpu(monkeypatch):
    assert [uses_xla(asked) for asked in (None, True, False)] == [False, True, False]
    monkeypatch.setattr(device.tf.config, "list_physical_devices", lambda kind=None: ["a GPU"])
    assert [uses_xla(asked) for asked in (None, True, False)] == [True, True, False]


def test_xla_where_it_can_compile_the_augmentations(monkeypatch):
    monkeypatch.setattr(device.tf.config, "list_physical_devices", lambda kind=None: ["a GPU"])
    found = [recipe_of(part).uses_xla for part in (SpecAugment, FilterAugment, MixUp, UnionMixUp)]
    assert found == [True, True, False, False]
    assert not recipe_of(SpecAugment, jit_compile=False).uses_xla


def recipe_of(augmentation, **settings) -> Recipe:
    stage = Stage("fit", WarmupCosine(1), start="fresh", augmentations=(augmentation,))
    return Recipe(small, FRONT_END, (stage,), CoupledAdam, 4, **settings)


@pytest.mark.slow
@pytest.mark.parametrize("part", [
    BetweenClass, CrossFade, FilterAugment, OverlayMix, RandomGain, RandomLength, SpecAugment, TimeShift,
])  # fmt: skip
def test_xla_compiles_augmentations_that_say_nothing_else(any_operations, part):
    layer, shape = part(seed=1), (4, 64) if part.changes == "sounds" else (4, 8, 16, 1)
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    inputs = (x, np.eye(4, dtype=np.float32)) if getattr(part, "mixes_labels", False) else x
    compiled = tf.function(lambda inputs: layer(inputs, training=True), jit_compile=True)
    for value in tf.nest.flatten(compiled(inputs)):
        assert np.isfinite(value).all()


@pytest.fixture
def any_operations():
    """Operations that need not be deterministic, which another test may have asked for: Keras leaves XLA off then."""
    were = tf_config.is_op_determinism_enabled()
    tf_config.disable_op_determinism()
    yield
    if were:
        tf_config.enable_op_determinism()


@pytest.mark.slow
def test_xla_compiles_the_step_that_a_gpu_would_take(any_operations):
    """On this CPU: what it refuses here, like shapes that depend on values, it refuses there."""
    plain, compiled = model_of(None), model_of(None, jit_compile=True)
    assert compiled.jit_compile and not plain.jit_compile
    assert trained(compiled)[0] == pytest.approx(trained(plain)[0], rel=1e-4)
    for value, expected in zip(compiled.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-3, atol=1e-4)
