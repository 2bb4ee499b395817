"""DenseNet-121: Keras' network, its stem and its width as asked for."""

import keras
import numpy as np
import pytest

from fat_tf.models import densenet121


def feature_map(model: keras.Model) -> tuple[int, ...]:
    """Rows and columns before the global pooling."""
    network = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    return network.get_layer("relu").output.shape[1:3]


@pytest.fixture(scope="module")
def narrow() -> keras.Model:
    return densenet121(5, width=8)


@pytest.mark.slow
def test_is_the_published_network():
    theirs = keras.applications.DenseNet121(include_top=False, weights=None, input_shape=(64, 256, 1), pooling="avg")
    model = densenet121(80)
    assert model.count_params() == theirs.count_params() + 1024 * 80 + 80
    assert model.output_shape == (None, 80) and feature_map(model) == (2, 8)


@pytest.mark.slow
def test_a_stride_1_stem_keeps_twice_the_rows_and_columns(narrow):
    fine = densenet121(5, width=8, stem_stride=1)
    assert feature_map(narrow) == (2, 8) and feature_map(fine) == (4, 16)
    assert fine.count_params() == narrow.count_params()


@pytest.mark.slow
def test_128_mels_are_scaled_to_256_by_512():
    model = densenet121(5, (128, 512, 1), width=4, mel_scale=2)
    assert feature_map(model) == (8, 16)
    assert model(np.zeros((1, 128, 512, 1), np.float32)).shape == (1, 5)


def test_width_scales_every_layer(narrow):
    network = next(layer for layer in narrow.layers if isinstance(layer, keras.Model))
    assert network.output_shape[-1] == 1024 * 8 // 64
    norms = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert len(norms) == 121 and {norm.momentum for norm in norms} == {0.9}
