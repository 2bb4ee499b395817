"""BatchNormalization against Keras' own, PyTorch's variance, and itself on several replicas."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework.config import disable_op_determinism

from fat_tf.layers import BatchNormalization
from fat_tf.training.distribution import Mirrored, strategy_of

PICTURES = (7 + 3 * np.random.default_rng(0).standard_normal((4, 5, 6, 3))).astype(np.float32)
INPUTS = {"pictures": PICTURES, "vectors": PICTURES[:, 0, 0], "clip": PICTURES[:1], "pixel": PICTURES[:1, :1, :1]}
START = np.random.default_rng(1).uniform(0.5, 1.5, (4, 3)).astype(np.float32)  # gamma, beta, moving mean, variance


def trained(layer: keras.layers.Layer, inputs: np.ndarray, jit_compile: bool = False) -> list[np.ndarray]:
    """Outputs, gradients of input, gamma and beta, and moving statistics of one training step."""
    layer.build(inputs.shape)
    layer.set_weights(START[-len(layer.weights) :])
    towards = tf.constant(np.random.default_rng(2).standard_normal(inputs.shape), tf.float32)

    @tf.function(jit_compile=jit_compile)
    def step(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            outputs = layer(x, training=True)
            loss = tf.reduce_sum(tf.cast(outputs, tf.float32) * towards)
        return outputs, *tape.gradient(loss, [x, *(weight.value for weight in layer.trainable_weights)])

    return [*step(tf.constant(inputs)), *(weight.numpy() for weight in layer.non_trainable_weights)]


def ours(**arguments) -> BatchNormalization:
    return BatchNormalization(momentum=0.9, epsilon=1e-5, **arguments)


def theirs(**arguments) -> keras.layers.BatchNormalization:
    return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, **arguments)


@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("inputs", INPUTS.values(), ids=INPUTS)
def test_equals_keras_but_for_the_moving_variance(inputs, jit_compile):
    *values, _ = trained(ours(), inputs, jit_compile)
    *expected, _ = trained(theirs(), inputs)
    for value, theirs_ in zip(values, expected, strict=True):
        np.testing.assert_allclose(value, theirs_, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("inputs", INPUTS.values(), ids=INPUTS)
def test_the_moving_variance_is_pytorchs(inputs, jit_compile):
    """torch.nn.BatchNorm1d and 2d divide by n − 1 what they keep, by n what they normalise with."""
    values = inputs.reshape(-1, 3)
    of_batch = values.var(axis=0, ddof=min(1, len(values) - 1), dtype=np.float64)  # a single value has none
    moved = trained(ours(), inputs, jit_compile)[-1]
    np.testing.assert_allclose(moved, 0.9 * START[-1] + 0.1 * of_batch, rtol=1e-5)


@pytest.mark.parametrize("arguments", [{"scale": False}, {"center": False}, {"axis": 1}], ids=str)
def test_other_kinds_equal_keras_too(arguments):
    inputs = PICTURES[:, :3] if "axis" in arguments else PICTURES
    *values, _ = trained(ours(**arguments), inputs)
    *expected, _ = trained(theirs(**arguments), inputs)
    for value, theirs_ in zip(values, expected, strict=True):
        np.testing.assert_allclose(value, theirs_, rtol=1e-4, atol=1e-4)


def test_half_precision_is_as_near_as_its_rounding():
    half = trained(ours(dtype="mixed_bfloat16"), PICTURES)
    assert half[0].dtype == tf.bfloat16
    for value, exact in zip(half, trained(ours(), PICTURES), strict=True):
        np.testing.assert_allclose(tf.cast(value, tf.float32), exact, rtol=0.02, atol=0.15)
    for value, exact in zip(half[-2:], trained(ours(), PICTURES)[-2:], strict=True):
        np.testing.assert_allclose(value, exact, rtol=2e-3)  # statistics are float32


def is_fused(layer: keras.layers.Layer, inputs: np.ndarray) -> bool:
    layer.build(inputs.shape)
    graph = tf.function(lambda x: layer(x, training=True)).get_concrete_function(tf.constant(inputs)).graph
    return "FusedBatchNormV3" in {operation.type for operation in graph.get_operations()}


def test_pictures_take_the_fused_kernel_and_nothing_else_does():
    assert is_fused(ours(synchronized=True), PICTURES)
    for layer, inputs in ((ours(), PICTURES[:, 0, 0]), (ours(axis=1), PICTURES), (ours(renorm=True), PICTURES)):
        assert not is_fused(layer, inputs)


def test_the_same_results_with_deterministic_operations():
    tf.config.experimental.enable_op_determinism()
    try:
        values = trained(ours(), PICTURES)
    finally:
        disable_op_determinism()
    for value, expected in zip(values, trained(ours(), PICTURES), strict=True):
        np.testing.assert_array_equal(value, expected)


@pytest.mark.parametrize("inputs", [PICTURES, PICTURES[:, 0, 0]], ids=["pictures", "vectors"])
def test_replicas_share_the_statistics_of_the_whole_batch(inputs):
    strategy = strategy_of(Mirrored(("CPU:0", "CPU:1")))  # the tests' only one: two would use the same collective keys
    with strategy.scope():
        layer = ours(synchronized=True)
        layer.build(inputs.shape)
    parts = [inputs[:1], inputs[1:]]  # unequal, like those of a last batch
    of_replica = strategy.experimental_distribute_values_from_function(
        lambda context: tf.constant(parts[context.replica_id_in_sync_group])
    )
    outputs = strategy.experimental_local_results(
        strategy.run(tf.function(lambda x: layer(x, training=True)), args=(of_replica,))
    )
    alone = ours()
    np.testing.assert_allclose(np.concatenate(outputs), alone(inputs, training=True), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(layer.moving_mean, alone.moving_mean, rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance, alone.moving_variance, rtol=1e-4)


def test_a_frozen_layer_keeps_its_statistics():
    layer = ours(trainable=False)
    np.testing.assert_allclose(layer(PICTURES, training=True), PICTURES, rtol=1e-4)
    np.testing.assert_array_equal(layer.moving_mean, 0)


def test_inference_and_its_files(check_layer):
    layer = ours(synchronized=True)
    check_layer(layer, PICTURES)
    assert [weight.name for weight in layer.weights] == ["gamma", "beta", "moving_mean", "moving_variance"]
