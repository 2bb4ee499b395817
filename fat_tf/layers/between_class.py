"""Between-class mixing: two sounds mixed as loud as their labels say."""

import gin
import keras
from keras import ops

from fat_tf.layers.base import RandomLayer
from fat_tf.layers.loudness import mean_square


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class BetweenClass(RandomLayer):
    """(x, y) -> (t·x₁ + (1 − t)·x₂) / √(t² + (1 − t)²) and r·y₁ + (1 − r)·y₂ of waveforms.

    r ~ U(0, 1) of each clip, and t = 1 / (1 + 10^((G₁ − G₂) / 20)·(1 − r) / r), so that r is the share that is heard; G
    is the level in dB, here of the window's root mean square. Tokozume et al., "Learning from Between-class Examples
    for Deep Sound Recognition", 2018, https://arxiv.org/abs/1711.10282, where it is the highest A-weighted one of short
    frames, and the two sounds are of different classes.

    Args:
        seed: of the draws.

    Call arguments:
        inputs: (x, y), (batch, samples) and (batch, classes), labels from 0 to 1.
        training: without it nothing is changed.

    Returns:
        (x, y) of the same shapes and dtypes.
    """

    mixes_labels = True
    changes = "sounds"
    ARGUMENTS = ("seed",)

    def __init__(self, seed: int | None = None, name: str | None = None, dtype: str | None = None):
        super().__init__(seed, name, dtype, autocast=False)

    def changed(self, inputs):
        x, y = inputs
        batch = ops.shape(x)[0]
        order, r = self.permutation(batch), self.uniform((batch, 1), 1e-6, 1.0)
        rms = ops.sqrt(mean_square(x))
        t = 1 / (1 + rms / ops.take(rms, order, axis=0) * (1 - r) / r)
        mixed = (t * x + (1 - t) * ops.take(x, order, axis=0)) / ops.sqrt(t**2 + (1 - t) ** 2)
        return mixed, r * y + (1 - r) * ops.take(y, order, axis=0)
