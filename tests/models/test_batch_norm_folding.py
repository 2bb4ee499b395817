"""Batch normalisations folded into convolutions change nothing but the graph."""

import keras
import numpy as np
import pytest

from fat_tf import models
from fat_tf.models.batch_norm_folding import fold_batch_norms

SHAPE = (32, 64, 1)
SMALL = {"num_classes": 5, "input_shape": SHAPE, "width": 4}


def randomised(network: keras.Model) -> keras.Model:
    """Weights and statistics that each layer's part shows in."""
    rng = np.random.default_rng(0)
    network.set_weights([w + rng.uniform(0.1, 0.5, w.shape) * (w.std() + 0.1) for w in network.get_weights()])
    return network


def count(network: keras.Model, kind: type) -> int:
    return sum(isinstance(layer, kind) for layer in network._flatten_layers())


@pytest.mark.parametrize(
    ("name", "norms_left"), [("m0", 2), ("m3", 2), ("densenet121", 62)]
)  # the head's; those that DenseNet has before its activations
def test_the_same_logits(name, norms_left):
    network = randomised(getattr(models, name)(**SMALL))
    folded = fold_batch_norms(network)
    pictures = np.random.default_rng(1).standard_normal((3, *SHAPE)).astype(np.float32)
    expected = network(pictures, training=False).numpy()
    np.testing.assert_allclose(folded(pictures).numpy(), expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())
    assert count(folded, keras.layers.BatchNormalization) == norms_left
    assert count(folded, keras.layers.Conv2D) == count(network, keras.layers.Conv2D)


def test_a_convolution_that_others_see_keeps_its_values():
    picture = keras.Input((8, 8, 1))
    seen_twice = keras.layers.Conv2D(3, 3, padding="same")(picture)
    out = keras.layers.Add()([seen_twice, keras.layers.BatchNormalization()(seen_twice)])
    network = randomised(keras.Model(picture, out))
    folded = fold_batch_norms(network)
    ones = np.ones((1, 8, 8, 1), np.float32)
    np.testing.assert_allclose(folded(ones).numpy(), network(ones, training=False).numpy(), rtol=1e-5)
    assert count(folded, keras.layers.BatchNormalization) == 1
