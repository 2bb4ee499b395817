"""MobileNetV3: Keras' network with another stem and this package's batch normalisation."""

import keras
import numpy as np

from fat_tf.layers import BatchNormalization
from fat_tf.models import mobilenet_v3


def test_is_the_published_network():
    theirs = keras.applications.MobileNetV3Small(
        (64, 128, 1), include_top=False, weights=None, pooling="avg", include_preprocessing=False
    )
    model = mobilenet_v3(80, (64, 128, 1))
    assert model.count_params() == theirs.count_params() + 576 * 80 + 80
    assert model(np.zeros((2, 64, 128, 1), np.float32)).shape == (2, 80)
    norms = [layer for layer in model.layers[1].layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert {type(norm) for norm in norms} == {BatchNormalization} and {norm.momentum for norm in norms} == {0.9}


def test_a_narrow_and_a_minimalistic_one_are_smaller():
    options = [{"width": 8}, {"width": 8, "minimalistic": True}]
    sizes = [mobilenet_v3(5, (32, 32, 1), **option).count_params() for option in options]
    assert sizes[1] < sizes[0] < 500_000


def test_a_stride_1_stem_keeps_twice_the_rows():
    rows = [
        mobilenet_v3(5, (64, 64, 1), width=8, stem_stride=stride)
        .layers[1]
        .get_layer("expanded_conv_10_add")
        .output.shape[1]
        for stride in (1, 2)
    ]
    assert rows == [4, 2]
