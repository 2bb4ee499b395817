"""One builder for the models of the 9th-place solution: blocks, taps, head."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

from fat_tf.layers import BatchNormalization, ConcatPooling2D, DenseConv2D, FrequencyRamp, MultiSampleDropout


@dataclass(frozen=True)
class Block:
    """Two 3×3 convolutions. dense: the second one sees the input too. pooled: 2×2 average pooling at the end."""

    channels: int
    dense: bool = True
    pooled: bool = True


def build_model(
    name: str,
    blocks: Sequence[Block],
    taps: Sequence[int],
    hidden: int,
    num_classes: int,
    input_shape: tuple[int, int, int],
    dropout_samples: int = 0,
    pooling: Callable[..., keras.layers.Layer] = ConcatPooling2D,
    frequency_ramp: bool = False,
) -> keras.Model:
    """A functional model that ends in logits.

    Args:
        name: of the model.
        blocks: from the picture on.
        taps: numbers of the blocks, from 1, whose outputs are pooled over the picture and concatenated.
        hidden: units of the head.
        num_classes: logits.
        input_shape: (mels, frames, channels).
        dropout_samples: of a MultiSampleDropout before the last layer; 0 leaves it out.
        pooling: makes the layer that pools a tap over the picture.
        frequency_ramp: give the picture a channel that tells low from high rows.

    Raises:
        ValueError: a picture that does not survive the pooling, no channels, a layer in the place of what makes it.
    """
    if isinstance(pooling, layers.Layer):
        raise ValueError(f"{name}.pooling makes a layer for each tap: write @{type(pooling).__name__}, without ()")
    check_width(name, blocks[0].channels)
    _check_size(name, blocks, input_shape)
    picture = keras.Input(input_shape, name="picture")
    x, outputs = FrequencyRamp(name="ramp")(picture) if frequency_ramp else picture, []
    for number, block in enumerate(blocks, start=1):
        x = _block(x, block, f"block{number}")
        outputs.append(x)
    pooled = [pooling(name=f"pooling{tap}")(outputs[tap - 1]) for tap in taps]
    features = layers.Concatenate(name="features")(pooled) if len(pooled) > 1 else pooled[0]
    return keras.Model(picture, head(features, hidden, num_classes, dropout_samples), name=name)


def check_width(name: str, width: int, least: int = 1) -> None:
    """Raise a ValueError for a width that leaves a layer without channels."""
    if width < least:
        raise ValueError(f"{name}.width is {least} or more, not {width}")


def _check_size(name: str, blocks: Sequence[Block], input_shape: tuple[int, int, int]) -> None:
    smallest = 2 ** sum(block.pooled for block in blocks)
    if min(input_shape[:2]) < smallest:
        raise ValueError(f"{name} halves its picture {smallest}-fold: {input_shape[:2]} mels and frames are too few")


def _block(x, block: Block, name: str):
    first = _conv_bn_relu(x, block.channels, f"{name}_conv1")
    out = _conv_bn_relu([x, first] if block.dense else first, block.channels, f"{name}_conv2")
    return layers.AveragePooling2D(2, name=f"{name}_pool")(out) if block.pooled else out


def _conv_bn_relu(x, channels: int, name: str):
    kind = DenseConv2D if isinstance(x, list) else layers.Conv2D
    x = kind(channels, 3, padding="same", kernel_initializer=he_normal(), name=name)(x)
    x = batch_norm(f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def head(features, hidden: int, num_classes: int, dropout_samples: int = 0):
    """BN → Dense → PReLU → BN → Dense: (batch, features) to float32 logits (batch, num_classes)."""
    x = batch_norm("head_bn1")(features)
    x = _dense(hidden, x.shape[-1], "head_dense")(x)
    x = layers.PReLU(keras.initializers.Constant(0.25), shared_axes=[1], name="head_prelu")(x)
    x = batch_norm("head_bn2")(x)
    if dropout_samples:
        x = MultiSampleDropout(dropout_samples, name="head_dropout")(x)
    return _dense(num_classes, hidden, "logits", dtype="float32")(x)


def batch_norm(name: str) -> layers.Layer:
    """PyTorch's defaults: momentum 0.1 there is 0.9 here. Replicas share their statistics."""
    return BatchNormalization(momentum=0.9, epsilon=1e-5, synchronized=True, name=name)


def he_normal() -> keras.initializers.Initializer:
    """He et al., 2015, not truncated (keras.initializers.HeNormal is)."""
    return keras.initializers.VarianceScaling(2.0, "fan_in", "untruncated_normal")


def _dense(units: int, inputs: int, name: str, dtype: str | None = None) -> layers.Layer:
    """Dense with PyTorch's start: weights and biases U(−1/√inputs, 1/√inputs)."""
    bound = 1.0 / np.sqrt(inputs)
    uniform = [keras.initializers.RandomUniform(-bound, bound) for _ in range(2)]
    return layers.Dense(units, kernel_initializer=uniform[0], bias_initializer=uniform[1], name=name, dtype=dtype)
