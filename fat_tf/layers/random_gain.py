"""Pictures louder or softer."""

import gin
import keras
from keras import ops

from fat_tf.layers.base import RandomLayer


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class RandomGain(RandomLayer):
    """Each picture U(−decibels, decibels) louder.

    Args:
        decibels: largest gain.
        deviation: dB that 1 stands for in the picture: normalised ones count in standard deviations.
        seed: of the draws.

    Call arguments:
        inputs: (batch, mels, frames, channels).
        training: without it nothing is changed.

    Raises:
        ValueError: values that are none.
    """

    changes = "pictures"
    ARGUMENTS = ("decibels", "deviation", "seed")

    def __init__(
        self,
        decibels: float = 6.0,
        deviation: float = 20.0,
        seed: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(seed, name, dtype)
        if decibels < 0 or deviation <= 0:
            raise ValueError(f"RandomGain: decibels >= 0 and deviation > 0, not {decibels}, {deviation}")
        self.decibels, self.deviation = decibels, deviation

    def changed(self, inputs):
        largest, shape = self.decibels / self.deviation, (ops.shape(inputs)[0], 1, 1, 1)
        gain = self.uniform(shape, -largest, largest)
        return inputs + ops.cast(gain, inputs.dtype)
