"""DenseConv2D is a Conv2D of its inputs' concatenation."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from fat_tf.layers import DenseConv2D

X, Y = (np.random.default_rng(seed).standard_normal((2, 5, 6, n)).astype(np.float32) for seed, n in ((0, 1), (1, 3)))


def plain(**arguments) -> keras.Model:
    """What it stands for."""
    pair = [keras.Input((5, 6, 1)), keras.Input((5, 6, 3))]
    out = keras.layers.Conv2D(4, 3, name="conv", **arguments)(keras.layers.Concatenate()(pair))
    return keras.Model(pair, out)


def dense(**arguments) -> keras.Model:
    pair = [keras.Input((5, 6, 1)), keras.Input((5, 6, 3))]
    return keras.Model(pair, DenseConv2D(4, 3, name="conv", **arguments)(pair))


@pytest.mark.parametrize(
    "arguments",
    [{"padding": "same"}, {"strides": 2}, {"use_bias": False}, {"activation": "relu"}, {"dilation_rate": 2}],
    ids=str,
)
def test_the_same_weights_and_values(arguments):
    models = []
    for build in (plain, dense):
        keras.utils.set_random_seed(3)
        models.append(build(bias_initializer="random_normal", **arguments))
    for ours, theirs in zip(models[1].weights, models[0].weights, strict=True):
        assert ours.path == theirs.path
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_allclose(models[1]([X, Y]), models[0]([X, Y]), rtol=1e-4, atol=1e-5)
    assert models[1].output_shape == models[0].output_shape


def test_the_same_gradients():
    keras.utils.set_random_seed(3)
    ours, theirs = dense(), plain()
    theirs.set_weights(ours.get_weights())

    def gradients(model):
        pair = [tf.constant(X), tf.constant(Y)]
        with tf.GradientTape() as tape:
            tape.watch(pair)
            loss = tf.reduce_sum(tf.sin(model(pair)))
        return tf.nest.flatten(tape.gradient(loss, [pair, [weight.value for weight in model.trainable_weights]]))

    for value, expected in zip(gradients(ours), gradients(theirs), strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-4, atol=1e-4)


def test_survives_saving(tmp_path):
    model = dense(padding="same", activation="relu", kernel_regularizer="l2")
    model.save(tmp_path / "dense.keras")
    loaded = keras.models.load_model(tmp_path / "dense.keras")
    assert loaded.get_layer("conv").get_config() == model.get_layer("conv").get_config()
    np.testing.assert_array_equal(loaded([X, Y]), model([X, Y]))


def test_half_precision():
    keras.utils.set_random_seed(3)
    exact = dense()
    half = dense(dtype="mixed_bfloat16")
    half.set_weights(exact.get_weights())
    outputs = half([X, Y])
    assert outputs.dtype == tf.bfloat16
    np.testing.assert_allclose(tf.cast(outputs, tf.float32), exact([X, Y]), rtol=0.05, atol=0.05)


def test_what_it_cannot_do_is_refused():
    for arguments in ({"groups": 2}, {"data_format": "channels_first"}):
        with pytest.raises(ValueError, match="DenseConv2D: no groups, channels last"):
            DenseConv2D(4, 3, **arguments)
    with pytest.raises(ValueError, match="expects 2 input"):
        dense().get_layer("conv")(X)
