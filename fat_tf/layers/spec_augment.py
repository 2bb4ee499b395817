"""SpecAugment: bands of a picture blanked out."""

import gin
import keras
from keras import ops

from fat_tf.layers.base import RandomLayer


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class SpecAugment(RandomLayer):
    """Frequency and time masking of SpecAugment: bands of each picture are filled with a value.

    They are of whole rows and of whole columns, `masks` of each. A band's size is U(0, `frequency` or `time`) of the
    axis, rounded down; its place is uniform. Park et al., "SpecAugment: A Simple Data Augmentation Method for Automatic
    Speech Recognition", 2019, https://arxiv.org/abs/1904.08779, without its time warping.

    Args:
        frequency: largest part of the rows in one mask, 0 to 1.
        time: largest part of the columns in one mask, 0 to 1.
        masks: bands of each kind, 0 or more.
        fill: value put in; after normalisation 0 is the mean.
        seed: int; the same seed gives the same sequence of draws.

    Call arguments:
        inputs: (batch, mels, frames, channels), normalised log-mels.
        training: without it the pictures come back unchanged.

    Returns:
        Pictures of the same shape and dtype.

    Raises:
        ValueError: a part outside 0 to 1, or a negative number of masks.
    """

    changes = "pictures"
    ARGUMENTS = ("frequency", "time", "masks", "fill", "seed")

    def __init__(
        self,
        frequency: float = 0.15,
        time: float = 0.30,
        masks: int = 2,
        fill: float = 0.0,
        seed: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(seed, name, dtype)
        if not (0 <= frequency <= 1 and 0 <= time <= 1 and masks >= 0):
            raise ValueError(f"SpecAugment: parts of 0 to 1 and masks >= 0, not {frequency}, {time}, {masks}")
        self.frequency = frequency
        self.time = time
        self.masks = masks
        self.fill = fill

    def changed(self, inputs):
        batch, rows, columns, _ = ops.shape(inputs)
        blank = ops.expand_dims(self._bands(batch, rows, self.frequency), 2)
        blank = ops.logical_or(blank, ops.expand_dims(self._bands(batch, columns, self.time), 1))
        return ops.where(blank[..., None], ops.cast(self.fill, inputs.dtype), inputs)

    def _bands(self, batch, size, fraction):
        """(batch, size) bool: which places of an axis lie in one of the masks."""
        draws = self.uniform((2, batch, self.masks, 1))
        width = ops.floor(draws[0] * fraction * size)
        start = ops.floor(draws[1] * (size - width + 1))
        places = ops.arange(size, dtype="float32")
        return ops.any(ops.logical_and(places >= start, places < start + width), axis=1)
