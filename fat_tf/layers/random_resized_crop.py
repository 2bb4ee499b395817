"""A part of a picture, stretched to the whole."""

import gin
import keras
import tensorflow as tf
from keras import ops

from fat_tf.layers.base import RandomLayer


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class RandomResizedCrop(RandomLayer):
    """A random part of each picture, stretched to the whole.

    Each axis keeps U(smallest, 1) of its length, at a uniform place, and is stretched by a factor of its own; bilinear.
    Common practice for images; of log-mels as in Niizumi et al., "BYOL for Audio: Self-Supervised Learning for
    General-Purpose Audio Representation", 2021, https://arxiv.org/abs/2103.06695, and by the 1st place of FSDKaggle2019
    (https://github.com/lRomul/argus-freesound).

    Args:
        frequency: smallest part of the rows, above 0, up to 1.
        time: smallest part of the frames, above 0, up to 1.
        seed: of the draws.

    Call arguments:
        inputs: (batch, mels, frames, channels), normalised log-mels.
        training: without it nothing is changed.

    Returns:
        Pictures of the same shape and dtype.

    Raises:
        ValueError: a part of 0 or less, or above 1.
    """

    changes = "pictures"
    compiles = False  # XLA has no crops at any size
    ARGUMENTS = ("frequency", "time", "seed")

    def __init__(
        self,
        frequency: float = 0.9,
        time: float = 0.7,
        seed: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(seed, name, dtype)
        if not (0 < frequency <= 1 and 0 < time <= 1):
            raise ValueError(f"RandomResizedCrop: parts above 0 and up to 1, not {frequency}, {time}")
        self.frequency, self.time = frequency, time

    def changed(self, inputs):
        batch, rows, frames, _ = ops.shape(inputs)
        draws = self.uniform((2, batch, 2))
        smallest = ops.convert_to_tensor([self.frequency, self.time], "float32")
        sizes = smallest + (1 - smallest) * draws[0]
        starts = draws[1] * (1 - sizes)
        boxes = ops.concatenate([starts, starts + sizes], axis=1)
        cut = tf.image.crop_and_resize(ops.cast(inputs, "float32"), boxes, tf.range(batch), (rows, frames))
        return ops.cast(ops.reshape(cut, ops.shape(inputs)), inputs.dtype)
