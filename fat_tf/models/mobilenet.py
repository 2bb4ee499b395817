"""MobileNetV3 on log-mel pictures: depthwise separable convolutions, for small and fast models."""

import gin
import keras
from keras import layers

from fat_tf.models.builder import check_width
from fat_tf.models.published import adapted

PUBLISHED_WIDTH = 16
STEM = "conv"  # Keras' name of the first convolution


@gin.register
def mobilenet_v3(
    num_classes: int = 80,
    input_shape: tuple[int, int, int] = (64, 256, 1),
    width: int = PUBLISHED_WIDTH,
    large: bool = False,
    minimalistic: bool = False,
    stem_stride: int = 2,
) -> keras.Model:
    """MobileNetV3 (Howard et al., 2019, https://arxiv.org/abs/1905.02244), Keras' own, from scratch, to logits.

    As students of audio taggers it is used by Schmid et al., 2023 (EfficientAT, https://arxiv.org/abs/2211.04772).

    Args:
        num_classes: logits.
        input_shape: (mels, frames, channels).
        width: channels of the first convolution; all others scale with it (16 is the published network).
        large: the larger one of the two published networks.
        minimalistic: without squeeze-and-excitation and hard swish, whose kernels are 3×3: made for integers.
        stem_stride: of the first convolution: 2 as published, or 1 to keep more of a small picture.
    """
    check_width("mobilenet_v3", width)
    picture = keras.Input(input_shape, name="picture")
    build = keras.applications.MobileNetV3Large if large else keras.applications.MobileNetV3Small
    published = build(
        input_shape=input_shape,
        alpha=width / PUBLISHED_WIDTH,
        minimalistic=minimalistic,
        include_top=False,
        weights=None,
        pooling="avg",
        include_preprocessing=False,
    )

    def with_stride(layer, config):
        return config | {"strides": stem_stride} if layer.name == STEM else config

    features = adapted(published, with_stride)(picture)
    return keras.Model(
        picture, layers.Dense(num_classes, name="logits", dtype="float32")(features), name="mobilenet_v3"
    )
