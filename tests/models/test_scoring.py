"""Any Keras model as it scores: in another precision, of another width, with its embedding."""

import keras
import numpy as np
import pytest
from keras import layers

from fat_tf.errors import UserError
from fat_tf.layers import Normalisation
from fat_tf.models import m1
from fat_tf.models.device import dtype_policy
from fat_tf.models.scoring import check_any_width, embedding_of, for_pictures, last_layer

SHAPE, CLASSES = (16, 20, 1), 5


@keras.saving.register_keras_serializable("test_scoring")
class Subclassed(keras.Model):
    """Convolution with an activation, normalisation, pooling; its last layer has a name of its own."""

    def __init__(self, classes, **kwargs):
        super().__init__(**kwargs)
        self.classes = classes
        self.convolution = layers.Conv2D(4, 3, activation="relu")
        self.norm = layers.BatchNormalization()
        self.pooling = layers.GlobalAveragePooling2D()
        self.what_it_is = layers.Dense(classes)

    def call(self, x):
        return self.what_it_is(self.pooling(self.norm(self.convolution(x))))

    def get_config(self):
        return super().get_config() | {"classes": self.classes}


def functional(*after):
    picture = keras.Input(SHAPE)
    x = layers.BatchNormalization()(layers.Conv2D(4, 3, activation="elu")(picture))
    for layer in after:
        x = layer(x)
    return keras.Model(picture, x, name="own")


@keras.saving.register_keras_serializable("test_scoring")
class Terse(layers.Layer):
    """Times a weight; its configuration has its own argument alone."""

    def __init__(self, channels):
        super().__init__()
        self.channels = channels

    def build(self, shape):
        self.gain = self.add_weight(shape=(self.channels,), initializer="ones")

    def call(self, x):
        return x * keras.ops.cast(self.gain, x.dtype)

    def get_config(self):
        return {"channels": self.channels}


MODELS = {
    "own layer": lambda: functional(Terse(4), Terse(4), layers.GlobalMaxPooling2D(), layers.Dense(CLASSES)),
    "functional": lambda: functional(layers.GlobalMaxPooling2D(), layers.Dense(CLASSES, name="classes")),
    "flatten": lambda: functional(layers.Flatten(), layers.Dense(CLASSES)),
    "convolutional": lambda: functional(layers.Conv2D(CLASSES, 1), layers.GlobalAveragePooling2D()),
    "sequential": lambda: keras.Sequential([layers.Conv2D(4, 3), layers.GlobalMaxPooling2D(), layers.Dense(CLASSES)]),
    "subclassed": lambda: Subclassed(CLASSES),
    "ours": lambda: m1(CLASSES, SHAPE, width=2),
}


def trained(make, policy="float32"):
    """A model with weights that all count, and the normalisation before it."""
    keras.utils.set_random_seed(0)
    with dtype_policy(policy):
        network, normalise = make(), Normalisation(0.5, 2.0)
        network(keras.Input(SHAPE))
    rng = np.random.default_rng(0)
    network.set_weights([w + rng.uniform(0.1, 0.3, w.shape).astype(w.dtype) for w in network.get_weights()])
    return normalise, network


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(1).normal(size=(3, *SHAPE)).astype(np.float32)


@pytest.mark.parametrize("name", MODELS)
def test_every_kind_of_model_gives_the_same_logits(name, pictures):
    normalise, network = trained(MODELS[name])
    expected = network(normalise(pictures), training=False)
    scoring = for_pictures(normalise, network, "float32", SHAPE)
    np.testing.assert_allclose(scoring(pictures), expected, atol=1e-4, rtol=1e-4)
    again = for_pictures(*scoring.layers[-2:], "float32", SHAPE)
    np.testing.assert_allclose(again(pictures), expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", MODELS)
def test_every_kind_of_model_computes_in_another_precision(name, pictures):
    normalise, network = trained(MODELS[name], "mixed_bfloat16")
    exact = for_pictures(normalise, network, "float32", SHAPE)
    assert exact(pictures).dtype == "float32"
    rough = for_pictures(normalise, network, "mixed_bfloat16", SHAPE)(pictures)
    scale = np.abs(exact(pictures)).max()
    assert np.abs(exact(pictures) - np.asarray(rough, np.float32)).max() < 0.05 * scale
    float32 = for_pictures(*trained(MODELS[name]), "float32", SHAPE)
    np.testing.assert_allclose(exact(pictures), float32(pictures), atol=1e-4 * scale)


def test_width_is_free_where_it_can_be_and_told_where_it_cannot(pictures):
    wide = np.tile(pictures, (1, 1, 3, 1))
    for name in set(MODELS) - {"flatten"}:
        network = for_pictures(*trained(MODELS[name]), "float32", SHAPE)
        check_any_width(network, SHAPE[1])
        assert network(wide).shape == (3, CLASSES)
    flat = for_pictures(*trained(MODELS["flatten"]), "float32", SHAPE)
    assert flat(pictures).shape == (3, CLASSES)
    with pytest.raises(UserError, match=r"own takes pictures of 20 frames alone.*windows can\. What is in the way:"):
        check_any_width(flat, SHAPE[1])


def test_a_width_that_only_the_computation_refuses_is_told():
    picture = keras.Input(SHAPE)
    x = layers.Conv2D(CLASSES, 1)(picture)
    tied = keras.Model(picture, layers.GlobalAveragePooling2D()(Tied()(x)), name="tied")
    with pytest.raises(UserError, match="tied takes pictures of 20 frames alone"):
        check_any_width(for_pictures(Normalisation(0, 1), tied, "float32", SHAPE), SHAPE[1])


class Tied(layers.Layer):
    """Adds a weight for each frame."""

    def build(self, shape):
        self.places = self.add_weight(shape=(1, 1, SHAPE[1], 1))

    def call(self, x):
        return x + self.places

    def compute_output_shape(self, shape):
        return shape


@pytest.mark.parametrize("name, features", [
    ("functional", 4), ("flatten", 14 * 18 * 4), ("sequential", 4), ("ours", 128),
    ("convolutional", None), ("subclassed", None),
])  # fmt: skip
def test_the_embedding_is_what_the_last_layer_sees(name, features):
    inner = for_pictures(*trained(MODELS[name]), "float32", SHAPE).layers[-1]
    embedding = embedding_of(inner)
    assert (embedding is None) if features is None else (embedding.shape == (None, features))


def test_the_last_layer_keeps_its_float32_and_layers_keep_what_they_were_given():
    with dtype_policy("mixed_bfloat16"):
        network = functional(
            layers.GlobalMaxPooling2D(), layers.Dense(3, dtype="float32"), layers.Dense(CLASSES, dtype="float32")
        )
        normalise = Normalisation(0, 1)
    assert last_layer(network).units == CLASSES
    scoring = for_pictures(normalise, network, "mixed_bfloat16", SHAPE).layers[-1]
    assert [layer.dtype_policy.name for layer in scoring.layers[-2:]] == ["float32", "float32"]
    assert scoring.layers[1].dtype_policy.name == "bfloat16"
