"""Averages of the weights: how much each step counts, where they stand in place of the last ones."""

from dataclasses import replace
from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from fat_tf.errors import UserError
from fat_tf.layers import BatchNormalization
from fat_tf.runs.model_file import read_model
from fat_tf.training.batch_statistics import renew_statistics
from fat_tf.training.fold_trainer import _StageFit
from fat_tf.training.schedules import HeldCosine, WarmupCosine
from fat_tf.training.weight_average import Averages, EmaWeights, SwaWeights

ONE_FOLD = {"folds": [0]}


def averaged(average, values, steps) -> list[float]:
    """The average after each of the values."""
    weight = keras.Variable(99.0)
    averages, found = Averages(average, [weight], steps), []
    for step, value in enumerate(values):
        weight.assign(value)
        averages.update(tf.constant(step, tf.int64))
        found.append(float(averages.values[0]))
    return found


def test_ema_is_that_of_tensorflow():
    values = np.random.default_rng(0).normal(size=40).astype(np.float32)
    weight, updates = tf.Variable(values[0]), tf.Variable(0)
    theirs = tf.train.ExponentialMovingAverage(0.7, num_updates=updates)
    theirs.apply([weight])
    expected = [values[0]]
    for step, value in enumerate(values[1:]):
        updates.assign(step)
        weight.assign(value)
        theirs.apply([weight])
        expected.append(float(theirs.average(weight)))
    np.testing.assert_allclose(averaged(EmaWeights(0.7), values, 40), expected, atol=1e-5)
    with pytest.raises(UserError, match=r"EmaWeights.decay is from 0 to below 1, not 1"):
        EmaWeights(1)


def test_swa_is_the_mean_of_the_last_steps():
    values = np.arange(12.0) ** 2
    found = averaged(SwaWeights(0.25), values, 12)
    np.testing.assert_allclose(found, [*values[:9], *[values[9 : 9 + n].mean() for n in (1, 2, 3)]], rtol=1e-6)
    with pytest.raises(UserError, match=r"SwaWeights.tail is above 0 and up to 1, not 0"):
        SwaWeights(0)


def test_batch_statistics_are_renewed_where_weights_are_averaged_and_not_before():
    renewed = [step for step in range(12) if Averages(SwaWeights(0.25), [], 12).renews_statistics(step)]
    assert renewed == [10, 11]
    assert not Averages(EmaWeights(), [], 12).renews_statistics(11)


def test_the_average_stands_in_place_of_the_weights_for_a_while():
    weight = keras.Variable([1.0, 2.0])
    averages = Averages(EmaWeights(), [weight], 1)
    weight.assign([3.0, 4.0])
    with averages.in_place():
        assert weight.numpy().tolist() == [1, 2]
        weight.assign([5.0, 6.0])
    assert weight.numpy().tolist() == [3, 4] and averages.values[0].numpy().tolist() == [5, 6]
    averages.adopt()
    assert weight.numpy().tolist() == [5, 6]


def test_an_average_begins_with_the_weights_of_the_stage():
    weight = keras.Variable([1.0, 2.0])
    averages = Averages(EmaWeights(), [weight], 1)
    weight.assign([3.0, 4.0])
    averages.begin()
    assert averages.values[0].numpy().tolist() == [3, 4]


class Wrapped(keras.layers.Layer):
    """A layer of one's own around another one."""

    def __init__(self, inner):
        super().__init__()
        self.layers = [inner]

    def call(self, inputs, training=None):
        return self.layers[0](inputs, training=training)


@pytest.mark.parametrize("outer", [lambda layer: keras.Sequential([layer]), Wrapped])
def test_moving_statistics_become_those_of_the_batches(outer):
    inputs = keras.Input((4, 5, 3))
    inner = outer(BatchNormalization(axis=-1))
    network = keras.Model(inputs, keras.layers.BatchNormalization()(inner(inputs)))
    batches = np.random.default_rng(1).normal(3, 2, (5, 8, 4, 5, 3)).astype(np.float32)
    renew_statistics(network, keras.Sequential([network]), [(batch,) for batch in batches])
    layer = inner.layers[0]
    np.testing.assert_allclose(layer.moving_mean, batches.mean(axis=(0, 1, 2, 3)), rtol=1e-5)
    unbiased = batches.reshape(5, -1, 3).var(axis=1, ddof=1).mean(axis=0)
    np.testing.assert_allclose(layer.moving_variance, unbiased, rtol=1e-5)
    assert layer.momentum == 0.99


def test_averaged_weights_are_judged_with_batch_statistics_of_the_stages_clips():
    network = keras.Sequential([keras.Input((3,)), BatchNormalization(axis=-1)])
    inputs = [keras.Input((3,)), keras.Input((1,))]
    model, moving_mean = keras.Model(inputs, network(inputs[0])), network.layers[0].moving_mean
    model.compile("sgd")
    model.optimizer.iterations.assign(2)
    model.averages = Averages(SwaWeights(1.0), network.weights, 2)
    clips = np.random.default_rng(1).normal(3, 2, (8, 3)).astype(np.float32)
    batches = tf.data.Dataset.from_tensors(((clips, np.zeros((8, 1), np.float32)),))
    fold = SimpleNamespace(networks=SimpleNamespace(network=network))
    fit = SimpleNamespace(_fold=fold, _model=model, _done=lambda: 0, _batches=lambda epochs: batches)
    with _StageFit._judged_weights(fit):
        np.testing.assert_allclose(moving_mean, clips.mean(axis=0), rtol=1e-5)
    assert not moving_mean.numpy().any()  # training goes on with its own
    model.averages.adopt()
    np.testing.assert_allclose(moving_mean, clips.mean(axis=0), rtol=1e-5)


def test_the_held_cosine_keeps_its_rate_at_the_end():
    schedule, plain = HeldCosine(epochs=20, held=0.25), WarmupCosine(epochs=20)
    assert [schedule.rate(e) for e in range(15)] == [plain.rate(e) for e in range(15)]
    assert {schedule.rate(e) for e in range(15, 20)} == {plain.rate(15)}
    assert replace(schedule, epochs=8).held == 0.25
    for epochs in (7, 10, 33):  # what is held is not below the peak
        assert max(map(HeldCosine(epochs=epochs, held=0.9).rate, range(epochs))) == plain.peak
    with pytest.raises(ValueError, match="held is from 0 to below 1"):
        HeldCosine(held=1.0)


@pytest.mark.slow
def test_averages_are_judged_and_saved_and_do_not_change_the_training(run_tiny, tmp_path):
    run_tiny(tmp_path / "last", **ONE_FOLD)
    run_tiny(tmp_path / "mean", "Stage.average = @SwaWeights()", "SwaWeights.tail = 1.0", **ONE_FOLD)
    last, mean = (pd.read_csv(tmp_path / name / "fold_0" / "history.csv") for name in ("last", "mean"))
    assert last["loss"].tolist() == mean["loss"].tolist() and last["val_loss"].tolist() != mean["val_loss"].tolist()
    kernels = [read_model(tmp_path / n / "fold_0" / "model.keras").network.weights[0].numpy() for n in ("last", "mean")]
    assert not np.array_equal(*kernels)


@pytest.mark.slow
def test_an_average_begins_where_its_stage_does(run_tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(EmaWeights, "share", lambda self, step, steps: 0.0)
    again = ("refit/Stage.average = @EmaWeights()", "refit/Stage.start = 'fresh'", "refit/Stage.repeats = 1")
    run_tiny(tmp_path / "one", "Stage.average = @EmaWeights()", **ONE_FOLD)
    run_tiny(tmp_path / "two", "Recipe.stages = (@fit/Stage(), @refit/Stage())", "Recipe.last_weights = True", *again,
             "ReduceOnPlateau.epochs = 1", **ONE_FOLD)  # fmt: skip
    one, two = (read_model(tmp_path / n / "fold_0" / "model.keras").network.get_weights() for n in ("one", "two"))
    for of_one, of_two in zip(one, two, strict=True):
        np.testing.assert_array_equal(of_one, of_two)


def test_another_average_is_refused(run_tiny, tmp_path):
    with pytest.raises(UserError, match=r"Stage fit: average is None, or like @EmaWeights.., not 0.999"):
        run_tiny(tmp_path / "r", "Stage.average = 0.999")
