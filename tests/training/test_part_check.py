"""What is in the way of parts of one's own, said before anything is computed or trained."""

from dataclasses import replace

import gin
import keras
import numpy as np
import pytest
from keras import layers, ops

from fat_tf.audio import FrontEnd, LogMel
from fat_tf.errors import UserError
from fat_tf.layers import MixUp
from fat_tf.models import m1
from fat_tf.training import CoupledAdam, Recipe, Stage, WarmupCosine
from fat_tf.training.losses import Trimmed
from fat_tf.training.part_check import check_parts

FRONT_END = FrontEnd(LogMel(sample_rate=8000, fmax=4000.0, n_fft=256, hop_length=100, n_mels=16), window_seconds=0.2)
CLASSES = 3


@keras.saving.register_keras_serializable("test_part_check")
class Scaled(layers.Layer):
    """Times a factor, which may be forgotten when it is saved."""

    def __init__(self, factor=1.0, remembers=True, **kwargs):
        super().__init__(**kwargs)
        self.factor, self.remembers = factor, remembers

    def call(self, x):
        return x * self.factor

    def get_config(self):
        return super().get_config() | ({"factor": self.factor} if self.remembers else {})


@keras.saving.register_keras_serializable("test_part_check")
class Untold(layers.Layer):
    """Has an argument that get_config does not know, which Keras refuses to save."""

    def __init__(self, layer):
        super().__init__()
        self.inner = layer

    def call(self, x):
        return self.inner(x)


class Raising(layers.Layer):
    def call(self, x, training=None):
        if training:
            raise KeyError("only in training")
        return x


def model_with(layer=None, classes=None, **last):
    def make(num_classes, input_shape):
        picture = keras.Input(input_shape)
        x = layers.BatchNormalization()(layers.Conv2D(4, 3, activation="relu")(picture))
        x = layers.GlobalMaxPooling2D()(layer(x) if layer else x)
        return keras.Model(picture, layers.Dense(classes or num_classes, **last)(x), name="own")

    return make


def recipe(
    model=None, loss=None, optimiser=keras.optimizers.SGD, features="cached", schedule=None, of_stage=None, **stage
) -> Recipe:
    fit = Stage("fit", schedule or WarmupCosine(1), start="fresh", loss=of_stage, **stage)
    more = {"loss": loss} if loss else {}
    return Recipe(
        model or model_with(), FRONT_END, (fit,), optimiser, 8, precision="float32", features=features, **more
    )


def constant_schedule():
    class Constant:
        epochs = 3

        def __call__(self, losses):
            return 0.1 if len(losses) < 3 else None

    return Constant()


def logits_of_nothing(num_classes, input_shape):
    return keras.Sequential([layers.Flatten(), layers.Dense(num_classes)])


FINE = {
    "a functional model": {},
    "with Flatten": {"model": logits_of_nothing},
    "waveforms": {"features": "waveform", "waveform_augmentations": (MixUp, lambda: layers.GaussianNoise(0.1))},
    "a loss of Keras": {"loss": keras.losses.BinaryFocalCrossentropy(from_logits=True)},
    "a schedule": {"schedule": constant_schedule(), "augmentations": (lambda: layers.RandomFlip("vertical"), MixUp)},
}


@pytest.mark.parametrize("parts", FINE.values(), ids=FINE)
def test_what_can_be_trained_passes(parts):
    check_parts(recipe(**parts), CLASSES)


def test_the_packages_own_parts_need_no_proof(monkeypatch):
    monkeypatch.setattr(keras.Model, "train_on_batch", None)
    check_parts(recipe(m1, optimiser=CoupledAdam, augmentations=(MixUp,)), CLASSES)


def nothing(labels, logits):
    return ops.sum(logits - labels)


def infinite(labels, logits):
    return ops.sum(logits - labels, axis=-1) / 0.0


IN_THE_WAY = {
    "raises": ({"model": lambda **_: {}["a"]}, r"Recipe.model <lambda>: KeyError: 'a' .*_check.py, line \d+\)"),
    "no model": ({"model": lambda **_: 3}, r"Recipe.model <lambda> gives int: expected is a keras.Model with logits"),
    "logits": ({"model": model_with(classes=5)}, r"gives \(None, 5\): expected .* logits \(None, 3\)"),
    "not finite": (
        {"model": model_with(Scaled(np.inf, name="louder"))},
        "Recipe.model make gives logits that are not finite: the first such layer is louder",
    ),
    "not in training": ({"model": model_with(Raising())}, r"step of stage fit: .*only in training.*line \d+\)"),
    "cannot be saved": ({"model": model_with(Untold(layers.ReLU()))}, "model cannot be saved: .*get_config"),
    "forgets": (
        {"model": model_with(Scaled(3.0, remembers=False, name="louder"))},
        "other logits once it was saved and loaded: the first such layer is louder.*get_config leaves out",
    ),
    "loss of the batch": ({"loss": nothing}, r"Recipe.loss nothing gives .* for 4 clips: expected .*\(4,\)"),
    "loss of a stage": (
        {"of_stage": nothing},
        r"Loss of stage fit: nothing gives .* for 4 clips: expected .*\(4,\)",
    ),
    "loss not finite": ({"loss": infinite}, "Recipe.loss infinite gives"),
    "loss of other arguments": ({"loss": lambda labels: labels}, "Recipe.loss <lambda>: TypeError"),
    "loss within another": (
        {"loss": Trimmed(keras.losses.BinaryFocalCrossentropy)},
        "BinaryFocalCrossentropy takes probabilities: bind BinaryFocalCrossentropy.from_logits = True",
    ),
    "augmentation": (
        {"augmentations": (lambda: layers.Rescaling(np.inf),)},
        "step of stage fit has a loss that is not finite: look at its augmentations",
    ),
    "another shape": ({"augmentations": (lambda: layers.Cropping2D(8),)}, "A training step of stage fit: ValueError"),
    "optimiser": (
        {"optimiser": lambda: keras.optimizers.SGD(1.0, weight_decay=np.nan)},
        "step of stage fit leaves weights that are not finite",
    ),
}  # fmt: skip


@pytest.mark.parametrize("parts, message", IN_THE_WAY.values(), ids=IN_THE_WAY)
def test_what_is_in_the_way_is_a_line(parts, message):
    with pytest.raises(UserError, match=message) as raised:
        check_parts(recipe(**parts), CLASSES)
    assert "\n" not in raised.value.message


class Broken:
    """An average that cannot be taken."""

    renews_statistics = False

    def share(self, step, steps):
        raise RuntimeError("no average")


@pytest.mark.parametrize("place", ["stages", "scorer_stages"])
def test_each_stage_is_walked(place):
    fine = recipe(model=model_with())
    before = replace(fine.stages[0], name="before", average=Broken())
    stages = {"stages": (before, *fine.stages)} if place == "stages" else {"scorer_stages": (before,)}
    with pytest.raises(UserError, match="step of stage before: RuntimeError: no average"):
        check_parts(replace(fine, **stages), CLASSES)


class Doubled:
    """Labels that are none."""

    scope, takes_curated = "all_folds", True

    def __call__(self, targets, scores, is_noisy):
        return targets * 2


def test_labels_are_tried():
    fine = recipe(model=m1)
    stage = replace(fine.stages[0], labels=Doubled())
    with pytest.raises(UserError, match=r"Labels of stage fit by Doubled: expected are values from 0 to 1, \(4, 3\)"):
        check_parts(replace(fine, stages=(stage,), scorer_stages=fine.stages), CLASSES)


def test_a_schedule_that_cannot_take_steps_is_told():
    with pytest.raises(UserError, match="steps sets other epochs, which Constant cannot take: make it a dataclass"):
        recipe(schedule=constant_schedule(), steps=100)


def test_optimisers_and_losses_of_keras_have_names():
    for name in ("keras.optimizers.AdamW", "keras.losses.BinaryFocalCrossentropy"):
        assert gin.get_configurable(name)
