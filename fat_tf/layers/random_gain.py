"""Pictures louder or softer."""

import gin
import keras
from keras import ops

from fat_tf.layers.base import RandomLayer


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class RandomGain(RandomLayer):
    """Each picture louder or softer: x + g, one g ~ U(−decibels, decibels) / deviation for all of it.

    Common practice. Pictures come normalised, in standard deviations of d dB (`Recipe.normalisation`: of the training
    set, or of each clip), and d is not looked up: the gain is up to decibels·d / deviation dB. The default's 6 dB hold
    where d is 20 dB.

    Args:
        decibels: largest gain, up and down, 0 or more.
        deviation: dB that 1 stands for in the picture, above 0: the d that is assumed; 1 of pictures in dB.
        seed: of the draws.

    Call arguments:
        inputs: (batch, mels, frames, channels), normalised log-mels.
        training: without it nothing is changed.

    Returns:
        Pictures of the same shape and dtype.

    Raises:
        ValueError: decibels below 0, a deviation of 0 or less.
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
