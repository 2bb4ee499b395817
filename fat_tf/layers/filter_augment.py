"""FilterAugment: another room, another microphone."""

import gin
import keras
from keras import ops

from fat_tf.layers.base import RandomLayer


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class FilterAugment(RandomLayer):
    """Gains of random bands of frequencies: x + g(row), where g is a straight line between the ends of each band.

    Of each picture the rows are cut at random places into `fewest` to `most` bands; at each end of one, g is drawn from
    U(−decibels, decibels) / deviation. Nam et al., "FilterAugment: An Acoustic Environmental Data Augmentation Method",
    2022, https://arxiv.org/abs/2110.03282, the linear kind.

    Pictures come normalised, in standard deviations of d dB (`Recipe.normalisation`: of the training set, or of each
    clip), and d is not looked up: gains are up to decibels·d / deviation dB. The default's 6 dB hold where d is 20 dB.

    Args:
        fewest, most: bands, 1 or more.
        decibels: largest gain, up and down, 0 or more.
        deviation: dB that 1 stands for in the picture, above 0: the d that is assumed; 1 of pictures in dB.
        seed: of the draws.

    Call arguments:
        inputs: (batch, mels, frames, channels), normalised log-mels.
        training: without it nothing is changed.

    Returns:
        Pictures of the same shape and dtype.

    Raises:
        ValueError: fewest below 1 or above most, decibels below 0, a deviation of 0 or less.
    """

    changes = "pictures"
    ARGUMENTS = ("fewest", "most", "decibels", "deviation", "seed")

    def __init__(
        self,
        fewest: int = 3,
        most: int = 5,
        decibels: float = 6.0,
        deviation: float = 20.0,
        seed: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(seed, name, dtype)
        if not (1 <= fewest <= most and decibels >= 0 and deviation > 0):
            given = (fewest, most, decibels, deviation)
            raise ValueError(f"FilterAugment: 1 <= fewest <= most, decibels >= 0, deviation > 0, not {given}")
        self.fewest, self.most, self.decibels, self.deviation = fewest, most, decibels, deviation

    def changed(self, inputs):
        batch, rows, _, _ = ops.shape(inputs)
        edges = self._edges(batch, rows)
        largest = self.decibels / self.deviation
        gains = self.uniform((batch, self.most + 1), -largest, largest)
        starts, sizes = edges[:, :-1, None], ops.diff(edges, axis=1)[..., None]
        along = ops.clip((ops.arange(rows, dtype="float32") - starts) / ops.maximum(sizes, 1e-6), 0, 1)
        of_rows = gains[:, :1] + ops.sum(ops.diff(gains, axis=1)[..., None] * along, axis=1)
        return inputs + ops.cast(of_rows, inputs.dtype)[:, :, None, None]

    def _edges(self, batch, rows):
        """(batch, most + 1) places of the bands' ends, in rows; bands that a picture does not have lie behind it."""
        inner = self.uniform((batch, self.most - 1), 0, rows)
        bands = keras.random.randint((batch, 1), self.fewest, self.most + 1, seed=self.seed_generator)
        inner = ops.where(ops.arange(1, self.most) < bands, inner, float(rows))
        ends = ops.zeros((batch, 1)), ops.full((batch, 1), float(rows))
        return ops.concatenate([ends[0], ops.sort(inner, axis=1), ends[1]], axis=1)
