"""Batch normalisations folded into convolutions change nothing but the graph."""

import keras
import numpy as np
import pytest
from keras import layers

from fat_tf import models
from fat_tf.layers import BatchNormalization, DenseConv2D, Normalisation
from fat_tf.models.batch_norm_folding import fold_batch_norms
from fat_tf.models.scoring import for_pictures

SHAPE = (32, 64, 1)
SMALL = {"num_classes": 5, "input_shape": SHAPE, "width": 4}


def randomised(network: keras.Model) -> keras.Model:
    """Weights and statistics that each layer's part shows in."""
    rng = np.random.default_rng(0)
    network.set_weights([w + rng.uniform(0.1, 0.5, w.shape) * (w.std() + 0.1) for w in network.get_weights()])
    return network


def count(network: keras.Model, kind: type) -> int:
    return sum(isinstance(layer, kind) for layer in network._flatten_layers())


def norms_left(network: keras.Model, shape=SHAPE) -> int:
    """How many normalisations are left of a network after folding, which must change no output."""
    network = randomised(network)
    folded = fold_batch_norms(network)
    pictures = np.random.default_rng(1).standard_normal((3, *shape)).astype(np.float32)
    for ours, expected in zip(
        keras.tree.flatten(folded(pictures)), keras.tree.flatten(network(pictures, training=False)), strict=True
    ):
        np.testing.assert_allclose(ours, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())
    assert count(folded, layers.Conv2D) == count(network, layers.Conv2D)
    return count(folded, layers.BatchNormalization)


@pytest.mark.parametrize(
    ("name", "left"), [("m0", 2), ("m3", 2), pytest.param("densenet121", 62, marks=pytest.mark.slow)]
)  # the head's; those that DenseNet has before its activations
def test_the_same_logits(name, left):
    assert norms_left(getattr(models, name)(**SMALL)) == left


SMALL_PICTURE = (6, 8, 2)


def after(*way: layers.Layer) -> keras.Model:
    """A functional model of layers one after the other."""
    x = picture = keras.Input(SMALL_PICTURE)
    for layer in way:
        x = layer(x)
    return keras.Model(picture, x)


def conv(**arguments) -> layers.Conv2D:
    return layers.Conv2D(4, 3, **arguments)


@pytest.mark.parametrize("norm", [layers.BatchNormalization, BatchNormalization])
@pytest.mark.parametrize("arguments", [{}, {"scale": False}, {"center": False}, {"scale": False, "center": False}])
@pytest.mark.parametrize("bias", [True, False])
def test_every_kind_of_normalisation_goes(norm, arguments, bias):
    assert norms_left(after(conv(use_bias=bias), norm(**arguments)), SMALL_PICTURE) == 0


@pytest.mark.parametrize(
    "before",
    [
        conv(activation="relu"),
        layers.DepthwiseConv2D(3, depth_multiplier=2),
        layers.SeparableConv2D(4, 3),
        layers.Conv2DTranspose(4, 3),
        layers.Dense(4),
        layers.TimeDistributed(layers.Conv1D(4, 3)),
        type("Doubled", (layers.Conv2D,), {"call": lambda self, x: 2 * super(type(self), self).call(x)})(4, 3),
    ],
    ids=["relu", "depthwise", "separable", "transposed", "dense", "conv1d", "subclass"],
)
def test_what_is_no_plain_convolution_keeps_its_normalisation(before):
    assert norms_left(after(before, BatchNormalization()), SMALL_PICTURE) == 1


def test_groups_are_folded_and_another_axis_is_not():
    assert norms_left(after(conv(groups=2), BatchNormalization()), SMALL_PICTURE) == 0
    assert norms_left(after(conv(), BatchNormalization(axis=3)), SMALL_PICTURE) == 0
    for axis in (1, 2):
        assert norms_left(after(conv(), layers.BatchNormalization(axis=axis)), SMALL_PICTURE) == 1


def test_a_dense_convolution_is_folded_in_both_of_its_parts():
    picture = keras.Input(SMALL_PICTURE)
    pair = [picture, conv(padding="same")(picture)]
    out = BatchNormalization()(DenseConv2D(3, 3)(pair))
    assert norms_left(keras.Model(picture, out), SMALL_PICTURE) == 0


def test_a_convolution_that_others_see_keeps_its_values():
    picture = keras.Input(SMALL_PICTURE)
    seen_twice = conv()(picture)
    normal = BatchNormalization()(seen_twice)
    assert norms_left(keras.Model(picture, layers.Add()([seen_twice, normal])), SMALL_PICTURE) == 1
    assert norms_left(keras.Model(picture, [seen_twice, normal]), SMALL_PICTURE) == 1


def test_layers_that_are_called_twice_keep_their_values():
    convolution, norm, picture = conv(), BatchNormalization(), keras.Input(SMALL_PICTURE)
    normal = [norm(convolution(picture)), norm(convolution(2 * picture))]
    assert norms_left(keras.Model(picture, normal), SMALL_PICTURE) == 1


def test_models_in_models_are_folded_too():
    inner = after(conv(), BatchNormalization())
    again = keras.Sequential([keras.Input(inner.output_shape[1:]), conv(), BatchNormalization(), layers.ReLU()])
    x = picture = keras.Input(SMALL_PICTURE)
    for model in (inner, again, layers.BatchNormalization()):
        x = model(x)
    assert norms_left(keras.Model(picture, x), SMALL_PICTURE) == 1


def test_equal_names_in_two_models_are_kept_apart():
    first, second = (after(conv(name="conv"), BatchNormalization(name="norm")) for _ in range(2))
    picture = keras.Input(SMALL_PICTURE)
    assert norms_left(keras.Model(picture, first(picture) + second(picture)), SMALL_PICTURE) == 0


class Subclassed(keras.Model):
    """A model that shows no graph, and cannot be made anew from a configuration."""

    def __init__(self, channels: int):
        super().__init__()
        self.convolution, self.norm = conv(), BatchNormalization()
        self.built_with = channels

    def call(self, x):
        return self.norm(self.convolution(x))


def test_what_shows_no_graph_stays_as_it_is():
    picture = keras.Input(SMALL_PICTURE)
    assert norms_left(keras.Model(picture, Subclassed(4)(picture)), SMALL_PICTURE) == 1
    alone = Subclassed(4)
    assert fold_batch_norms(alone) is alone


def test_a_model_in_a_model_takes_pictures_of_any_width():
    inner = after(conv(), BatchNormalization(), layers.GlobalMaxPooling2D())
    picture = keras.Input(SMALL_PICTURE)
    wide = for_pictures(Normalisation(-30.0, 20.0), keras.Model(picture, inner(picture)), "float32", SMALL_PICTURE)
    for frames in (3, 8, 30):
        assert wide(np.zeros((1, 6, frames, 2), np.float32)).shape == (1, 4)
