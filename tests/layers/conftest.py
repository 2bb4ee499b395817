"""The checks that every layer must pass."""

import keras
import numpy as np
import pytest
import tensorflow as tf


@pytest.fixture
def check_layer(tmp_path):
    """Config complete, graph = eager, saved = live, one shape law, half precision; for inference."""

    def check(layer: keras.layers.Layer, inputs: np.ndarray) -> None:
        again = type(layer).from_config(layer.get_config())
        assert again.get_config() == layer.get_config()
        outputs = layer(inputs)
        np.testing.assert_allclose(tf.function(layer)(inputs), outputs, rtol=1e-5)
        assert layer.compute_output_shape(inputs.shape) == outputs.shape
        x = keras.Input(inputs.shape[1:])
        keras.Model(x, layer(x)).save(tmp_path / "layer.keras")
        np.testing.assert_allclose(keras.models.load_model(tmp_path / "layer.keras")(inputs), outputs, rtol=1e-5)
        keras.config.set_dtype_policy("mixed_bfloat16")
        try:
            half = type(layer).from_config({**layer.get_config(), "dtype": None})(inputs)
        finally:
            keras.config.set_dtype_policy("float32")
        assert half.dtype == tf.bfloat16
        np.testing.assert_allclose(tf.cast(half, tf.float32), outputs, rtol=0.02, atol=0.02)

    return check
