"""Windows of mixed lengths, in pictures of one width."""

import gin
import keras
from keras import ops

from fat_tf.layers.base import RandomLayer


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class RandomLength(RandomLayer):
    """A random stretch of each picture, repeated to the whole width: shorter windows than the one that is scored.

    x[frame] -> x[start + frame mod length]: a stretch has U(shortest, 1) of the frames, rounded up, at a uniform place.
    Our own; the repeating is that of `FrontEnd.padding = 'wrap'`, by which the 1st place of FSDKaggle2019 filled half
    of the short clips (PadToSize of https://github.com/lRomul/argus-freesound).

    Args:
        shortest: part of the frames, above 0 and up to 1.
        seed: of the draws.

    Call arguments:
        inputs: (batch, mels, frames, channels), normalised log-mels.
        training: without it nothing is changed.

    Returns:
        Pictures of the same shape and dtype.

    Raises:
        ValueError: shortest of 0 or less, or above 1.
    """

    changes = "pictures"
    ARGUMENTS = ("shortest", "seed")

    def __init__(
        self, shortest: float = 0.5, seed: int | None = None, name: str | None = None, dtype: str | None = None
    ):
        super().__init__(seed, name, dtype)
        if not 0 < shortest <= 1:
            raise ValueError(f"RandomLength: shortest is above 0 and up to 1, not {shortest}")
        self.shortest = shortest

    def changed(self, inputs):
        batch, _, frames, _ = ops.shape(inputs)
        lengths = ops.ceil(frames * self.uniform((batch, 1), self.shortest, 1.0))
        starts = ops.floor(self.uniform((batch, 1)) * (frames - lengths + 1))
        places = starts + ops.arange(frames, dtype="float32") % lengths
        return ops.take_along_axis(inputs, ops.cast(places, "int32")[:, None, :, None], axis=2)
