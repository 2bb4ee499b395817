"""What a stage fits: augmentations in the order of use, and the loss of the recipe."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from fat_tf.audio import FrontEnd, LogMel
from fat_tf.training import Recipe, Stage, WarmupCosine
from fat_tf.training.networks import build_networks
from fat_tf.training.training_model import training_model

FRONT_END = FrontEnd(LogMel(sample_rate=8000, fmax=4000.0, n_fft=256, hop_length=100, n_mels=4), window_seconds=0.05)
SHAPE = FRONT_END.picture_shape


class Halved(layers.Layer):
    """Halves pictures and labels alike, as a mixture does."""

    mixes_labels = True

    def call(self, inputs):
        x, y = inputs
        return x / 2, y / 2


def mean_network(num_classes, input_shape):
    """Each logit is the mean of the picture."""
    picture = keras.Input(input_shape)
    mean = ops.mean(picture, axis=(1, 2, 3))[:, None]
    return keras.Model(picture, ops.repeat(mean, num_classes, axis=1), name="mean")


def squared_error(labels, logits):
    return ops.sum((labels - logits) ** 2, axis=-1)


def fitted(*augmentations, model=mean_network):
    stage = Stage("fit", WarmupCosine(1), start="fresh", augmentations=augmentations)
    recipe = Recipe(model, FRONT_END, (stage,), keras.optimizers.SGD, 2, loss=squared_error)
    return training_model(recipe, stage, build_networks(recipe, 2, (10.0, 5.0)))


def test_augmentations_are_used_in_their_order_on_normalised_pictures():
    pictures, labels = np.full((3, *SHAPE), 20, np.float32), np.ones((3, 2), np.float32)
    logits, mixed = fitted(lambda: layers.Rescaling(1, offset=4), Halved)([pictures, labels])
    assert logits.numpy().ravel().tolist() == [3] * 6 and mixed.numpy().ravel().tolist() == [0.5] * 6
    logits, _ = fitted(Halved, lambda: layers.Rescaling(1, offset=4))([pictures, labels])
    assert logits.numpy().ravel().tolist() == [5] * 6


def regularised_network(num_classes, input_shape):
    """Whose weights cost 3 for each logit."""
    picture = keras.Input(input_shape)
    dense = layers.Dense(num_classes, kernel_initializer="ones", kernel_regularizer=lambda w: 3 * ops.sum(w))
    return keras.Model(picture, dense(ops.mean(picture, axis=(1, 2))))


class Adding(layers.Layer):
    """Adds two values to the loss, in its own precision."""

    def call(self, x):
        self.add_loss(ops.cast([1.0, 2.0], self.compute_dtype))
        return x


def adding_network(num_classes, input_shape):
    picture = keras.Input(input_shape)
    return keras.Model(picture, mean_network(num_classes, input_shape)(Adding(dtype="mixed_bfloat16")(picture)))


@pytest.mark.parametrize("model, more", [(regularised_network, 3 * 2), (adding_network, 3)])
def test_regularisers_of_a_model_count_once_a_batch(model, more):
    pictures, labels = np.full((3, *SHAPE), 20, np.float32), np.ones((3, 2), np.float32)
    model = fitted(Halved, model=model)
    logits, mixed = model([pictures, labels])
    alone = np.square(mixed - logits).sum()
    np.testing.assert_allclose(model.compute_loss(y_pred=[logits, mixed]), alone + more, rtol=1e-6)


def test_the_loss_is_that_of_the_recipe_summed_over_the_batch():
    pictures, labels = np.full((3, *SHAPE), 20, np.float32), np.ones((3, 2), np.float32)
    model = fitted(Halved)
    logits, mixed = model([pictures, labels])
    assert float(model.compute_loss(y_pred=[logits, mixed])) == 3 * 2 * (0.5 - 1) ** 2
