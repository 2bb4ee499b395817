"""M0 to M4 of the 9th-place solution of Freesound Audio Tagging 2019."""

from collections.abc import Callable

import gin
import keras

from fat_tf.layers import ConcatPooling2D
from fat_tf.models.builder import Block, build_model

FSD_CLASSES = 80
Pooling = Callable[..., keras.layers.Layer]
PICTURE = (64, 256, 1)  # mels, frames, channels


@gin.register
def m0(
    num_classes: int = FSD_CLASSES,
    input_shape: tuple[int, int, int] = PICTURE,
    width: int = 64,
    dropout_samples: int = 0,
    pooling: Pooling = keras.layers.GlobalMaxPooling2D,
    frequency_ramp: bool = False,
) -> keras.Model:
    """Plain blocks, maximum of the last one: 4,765,329 weights at width 64 and 80 classes. Arguments as in `m3`."""
    blocks = [Block(width * scale, dense=False) for scale in (1, 2, 4, 8)]
    return build_model("m0", blocks, [4], 128, num_classes, input_shape, dropout_samples, pooling, frequency_ramp)


@gin.register
def m1(
    num_classes: int = FSD_CLASSES,
    input_shape: tuple[int, int, int] = PICTURE,
    width: int = 64,
    dropout_samples: int = 0,
    pooling: Pooling = ConcatPooling2D,
    frequency_ramp: bool = False,
) -> keras.Model:
    """Dense blocks, concat pooling of the last one: 6,380,753 weights. Arguments as in `m3`."""
    blocks = [Block(width * scale) for scale in (1, 2, 4, 8)]
    return build_model("m1", blocks, [4], 128, num_classes, input_shape, dropout_samples, pooling, frequency_ramp)


@gin.register
def m2(
    num_classes: int = FSD_CLASSES,
    input_shape: tuple[int, int, int] = PICTURE,
    width: int = 64,
    dropout_samples: int = 0,
    pooling: Pooling = ConcatPooling2D,
    frequency_ramp: bool = False,
) -> keras.Model:
    """Dense blocks, pyramid pooling of blocks 2 to 4: 6,720,593 weights. Arguments as in `m3`."""
    blocks = [Block(width * scale, pooled=scale < 8) for scale in (1, 2, 4, 8)]
    return build_model("m2", blocks, [2, 3, 4], 256, num_classes, input_shape, dropout_samples, pooling, frequency_ramp)


@gin.register
def m3(
    num_classes: int = FSD_CLASSES,
    input_shape: tuple[int, int, int] = PICTURE,
    width: int = 64,
    dropout_samples: int = 0,
    pooling: Pooling = ConcatPooling2D,
    frequency_ramp: bool = False,
) -> keras.Model:
    """Five dense blocks, pyramid pooling of blocks 2 to 5: 26,129,489 weights at width 64 and 80 classes.

    Args:
        num_classes: logits.
        input_shape: (mels, frames, channels).
        width: channels of the first block; each further block has twice as many.
        dropout_samples: of multi-sample dropout before the last layer; 0 leaves it out.
        pooling: makes a layer from (batch, rows, columns, channels) to (batch, features), like `TimeMaxFrequencyMean`.
        frequency_ramp: a channel that tells low from high rows (`FrequencyRamp`).
    """
    blocks = [Block(width * scale, pooled=scale < 16) for scale in (1, 2, 4, 8, 16)]
    return build_model(
        "m3", blocks, [2, 3, 4, 5], 256, num_classes, input_shape, dropout_samples, pooling, frequency_ramp
    )


@gin.register
def m4(
    num_classes: int = FSD_CLASSES,
    input_shape: tuple[int, int, int] = PICTURE,
    width: int = 64,
    dropout_samples: int = 0,
    pooling: Pooling = ConcatPooling2D,
    frequency_ramp: bool = False,
) -> keras.Model:
    """Five dense blocks, concat pooling of the last one: 25,667,153 weights. Arguments as in `m3`."""
    blocks = [Block(width * scale, pooled=scale < 16) for scale in (1, 2, 4, 8, 16)]
    return build_model("m4", blocks, [5], 256, num_classes, input_shape, dropout_samples, pooling, frequency_ramp)
