"""Pictures shifted in time."""

import gin
import keras
from keras import ops

from fat_tf.layers.base import RandomLayer


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class TimeShift(RandomLayer):
    """Each picture turned round in time by U(−share, share) of its frames: what leaves one end comes in at the other.

    x[frame] -> x[(frame − s) mod frames], s a whole number of frames, later where it is above 0; common practice.

    Args:
        share: of the frames, 0 to 1.
        seed: of the draws.

    Call arguments:
        inputs: (batch, mels, frames, channels), normalised log-mels.
        training: without it nothing is changed.

    Returns:
        Pictures of the same shape and dtype.

    Raises:
        ValueError: a share not from 0 to 1.
    """

    changes = "pictures"
    ARGUMENTS = ("share", "seed")

    def __init__(self, share: float = 0.5, seed: int | None = None, name: str | None = None, dtype: str | None = None):
        super().__init__(seed, name, dtype)
        if not 0 <= share <= 1:
            raise ValueError(f"TimeShift: a share of 0 to 1, not {share}")
        self.share = share

    def changed(self, inputs):
        batch, _, frames, _ = ops.shape(inputs)
        by = self.uniform((batch, 1), -self.share, self.share)
        places = ops.arange(frames) - ops.cast(ops.round(by * frames), "int32")
        return ops.take_along_axis(inputs, ops.mod(places, frames)[:, None, :, None], axis=2)
