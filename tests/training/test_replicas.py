"""A step of several replicas is that of one device on the whole batch."""

from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf

from fat_tf.audio import FrontEnd, LogMel
from fat_tf.errors import UserError
from fat_tf.layers import BatchNormalization, MixUp
from fat_tf.models.device import dtype_policy
from fat_tf.training import CoupledAdam, Recipe, Stage, SummedCrossEntropy, WarmupCosine
from fat_tf.training.distribution import Mirrored, strategy_of
from fat_tf.training.losses.masked import MaskedCrossEntropy
from fat_tf.training.losses.trimmed import Trimmed
from fat_tf.training.networks import build_networks
from fat_tf.training.replicas import apart, fit, seeds_mover
from fat_tf.training.training_model import TrainingModel, training_model
from fat_tf.training.workers import check_replicas

FRONT_END = FrontEnd(LogMel(sample_rate=8000, fmax=4000.0, n_fft=256, hop_length=100, n_mels=4), window_seconds=0.05)
SHAPE, CLASSES = FRONT_END.picture_shape, 3
TWO = Mirrored(("CPU:0", "CPU:1"))
CLIPS = 11  # two batches of four and one of three, of which one replica has two


def small(num_classes, input_shape, synchronized=True):
    picture = keras.Input(input_shape)
    x = keras.layers.Conv2D(4, 3, padding="same", use_bias=False)(picture)
    x = BatchNormalization(momentum=0.9, synchronized=synchronized, name="norm")(x)
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.ReLU()(x))
    return keras.Model(picture, keras.layers.Dense(num_classes, name="logits")(x), name="small")


def model_of(distribution, augmentations=(), optimiser=CoupledAdam, **settings) -> TrainingModel:
    keras.utils.set_random_seed(5)
    stage = Stage("fit", WarmupCosine(1), start="fresh", augmentations=augmentations)
    settings = {"model": small, "batch_size": 4} | settings
    recipe = Recipe(front_end=FRONT_END, stages=(stage,), optimiser=optimiser, distribution=distribution, **settings)
    with dtype_policy("mixed_float16" if settings.get("precision") == "mixed_float16" else "float32"):
        return training_model(recipe, stage, build_networks(recipe, CLASSES, (0.0, 1.0)))


def batches(epochs: int = 1, damaged: int | None = None) -> tf.data.Dataset:
    draw = np.random.default_rng(0)
    pictures = draw.standard_normal((CLIPS, *SHAPE)).astype(np.float32)
    if damaged is not None:
        pictures[damaged] = np.nan
    labels = np.eye(CLASSES, dtype=np.float32)[draw.integers(CLASSES, size=CLIPS)]
    return tf.data.Dataset.from_tensor_slices((pictures, labels)).batch(4).map(lambda x, y: ((x, y),)).repeat(epochs)


class Logs(keras.callbacks.Callback):
    """Keeps the logs of the epochs."""

    def on_train_begin(self, logs=None):
        self.epochs = []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append({name: float(value) for name, value in logs.items()})


def trained(model: TrainingModel, epochs: int = 1, **of_batches) -> list[dict[str, float]]:
    logs = Logs()
    fit(model, batches(epochs, **of_batches), range(epochs), -(-CLIPS // 4), [logs])
    return logs.epochs


@pytest.fixture(scope="module")
def two() -> TrainingModel:
    return model_of(TWO)


def test_weights_statistics_and_metrics_are_those_of_one_device(two):
    one, start = model_of(None), two.get_weights()
    for value, expected in zip(start, one.get_weights(), strict=True):
        np.testing.assert_array_equal(value, expected)
    for logs, expected in zip(trained(two, 2), trained(one, 2), strict=True):
        assert logs.pop("update_ratio") == pytest.approx(
            expected.pop("update_ratio"), rel=1e-2
        )  # Adam divides small ones
        assert logs == pytest.approx(expected, rel=1e-5)
    assert any(np.abs(a - b).max() > 1e-3 for a, b in zip(two.get_weights(), start, strict=True))
    for value, expected in zip(two.get_weights(), one.get_weights(), strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_the_step_of_a_loss_that_is_not_finite_in_one_replica(two):
    start = two.get_weights()
    assert trained(two, damaged=6)[0]["not_finite"] == 1
    two.set_weights(start)


def test_replicas_draw_apart_and_their_seeds_go_on_together():
    strategy = strategy_of(TWO)
    with strategy.scope():
        seed = keras.random.SeedGenerator(7)
    alone = keras.random.SeedGenerator(7)

    @tf.function
    def drawn():
        return strategy.run(lambda: keras.random.uniform((3,), seed=seed))

    with apart(seeds_mover(strategy, [seed.state])):
        first, second = strategy.experimental_local_results(drawn())
    np.testing.assert_array_equal(first, keras.random.uniform((3,), seed=alone))
    assert not np.isin(second, first).any()
    for state in strategy.experimental_local_results(seed.state.value):
        np.testing.assert_array_equal(state, alone.state)


@pytest.mark.slow
def test_gradients_are_clipped_by_the_norm_of_the_whole_batch():
    """Keras clips those of each replica, and sums them then."""

    def clipped():
        return keras.optimizers.SGD(0.1, global_clipnorm=0.01)

    models = [model_of(distribution, optimiser=clipped) for distribution in (None, TWO)]
    for model in models:
        trained(model)
    for value, expected in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_a_mixture_in_each_replica():
    assert np.isfinite(trained(model_of(TWO, augmentations=(MixUp,)))[0]["clip_loss"])


def test_statistics_of_a_replica_alone_are_refused():
    model = partial(small, synchronized=False)
    with pytest.raises(UserError, match="Layer norm of small would have statistics of its own in each replica"):
        model_of(TWO, model=model)


TRIMMED = Stage("fit", WarmupCosine(1), start="fresh", augmentations=(), loss=Trimmed(SummedCrossEntropy()))


@pytest.mark.parametrize("settings, says", [
    ({"batch_size": 5}, "5 does not divide among 2: choose a multiple, like 6"),
    ({"jit_compile": True}, "jit_compile is for one device, and there are 2 replicas"),
    ({"loss": Trimmed(SummedCrossEntropy())}, "Trimmed compares the clips of the whole batch"),
    ({"loss": Trimmed(Trimmed(SummedCrossEntropy()))}, "Trimmed compares the clips of the whole batch"),
    ({"loss": MaskedCrossEntropy}, "MaskedCrossEntropy compares the clips of the whole batch"),
    ({"scorer_stages": (TRIMMED,)}, "Trimmed compares the clips of the whole batch"),
])  # fmt: skip
def test_what_replicas_cannot_have_is_refused(settings, says):
    stage = Stage("fit", WarmupCosine(1), data="curated+noisy", start="fresh", augmentations=())
    recipe = Recipe(**{"model": small, "front_end": FRONT_END, "stages": (stage,), "optimiser": CoupledAdam,
                       "batch_size": 4, **settings})  # fmt: skip
    check_replicas(recipe, 1)
    with pytest.raises(UserError, match=says):
        check_replicas(recipe, 2)


@pytest.mark.parametrize("distribution", ["mirrored", Mirrored])
def test_what_is_no_distribution_is_refused(distribution):
    with pytest.raises(UserError, match=r"distribution is None, @Mirrored\(\) or @MultiWorker\(\), not"):
        model_of(distribution)


@pytest.mark.parametrize("devices, says", [
    (None, r"on two devices or more, and there are 0 GPUs"),
    (("CPU:0",), r"there are 1 Mirrored.devices"),
    (("CPU:1", "CPU:7"), "there is no CPU:7 here, but CPU:0, CPU:1"),
])  # fmt: skip
def test_devices_that_are_not_there_are_refused(devices, says):
    with pytest.raises(UserError, match=says):
        Mirrored(devices).strategy()
