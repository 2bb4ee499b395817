"""DenseNet-121 on log-mel pictures."""

import gin
import keras
from keras import layers

from fat_tf.models.builder import check_width
from fat_tf.models.published import adapted

PUBLISHED_WIDTH = 64
STEM = "conv1_conv"  # Keras' name of the 7×7 convolution


@gin.register
def densenet121(
    num_classes: int = 80,
    input_shape: tuple[int, int, int] = (64, 256, 1),
    width: int = PUBLISHED_WIDTH,
    stem_stride: int = 2,
    mel_scale: int = 1,
) -> keras.Model:
    """DenseNet-121 (Huang et al., 2017, https://arxiv.org/abs/1608.06993), Keras' own, from scratch, to logits.

    Args:
        num_classes: logits.
        input_shape: (mels, frames, channels).
        width: channels of the stem; all others scale with it (64 is the published network).
        stem_stride: of the 7×7 convolution: 2 as published, or 1 to keep more of a small picture.
        mel_scale: times that the mel axis is stretched (bilinear) before the network.
    """
    check_width("densenet121", width, least=2)  # 32 of 64 channels are the fewest
    picture = keras.Input(input_shape, name="picture")
    x = layers.UpSampling2D((mel_scale, 1), interpolation="bilinear")(picture) if mel_scale > 1 else picture
    published = keras.applications.DenseNet121(include_top=False, weights=None, input_shape=x.shape[1:], pooling="avg")

    def scaled(layer, config):
        if isinstance(layer, layers.Conv2D):
            config["filters"] = config["filters"] * width // PUBLISHED_WIDTH
            config["strides"] = stem_stride if layer.name == STEM else config["strides"]
        return config

    logits = layers.Dense(num_classes, name="logits", dtype="float32")(adapted(published, scaled)(x))
    return keras.Model(picture, logits, name="densenet121")
