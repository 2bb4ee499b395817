"""MixUp: convex combinations of clips and of their labels."""

import gin
import keras
from keras import ops

from fat_tf.layers.base import SMALLEST_ALPHA, RandomLayer


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class MixUp(RandomLayer):
    """MixUp: (x, y) -> λ·(x, y) + (1 − λ)·(x, y)[permutation], λ ~ Beta(alpha, alpha).

    By default one λ is drawn for the whole batch. Works on pictures and on waveforms. Zhang et al., "mixup: Beyond
    Empirical Risk Minimization", 2018, https://arxiv.org/abs/1710.09412.

    Args:
        alpha: of the Beta distribution, 0.05 or more.
        per_clip: draw a λ for each clip instead.
        seed: int; the same seed gives the same sequence of draws.

    Call arguments:
        inputs: (x, y), (batch, ...) and (batch, classes), labels from 0 to 1.
        training: without it both come back unchanged.

    Returns:
        (x, y) of the same shapes and dtypes.

    Raises:
        ValueError: a smaller alpha.
    """

    mixes_labels = True
    compiles = False  # XLA has no Beta distributions
    ARGUMENTS = ("alpha", "per_clip", "seed")

    def __init__(
        self,
        alpha: float = 0.4,
        per_clip: bool = False,
        seed: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(seed, name, dtype, autocast=False)
        if alpha < SMALLEST_ALPHA:
            what = type(self).__name__
            raise ValueError(
                f"{what}: alpha must be {SMALLEST_ALPHA} or more, not {alpha}; leave the layer out for no MixUp"
            )
        self.alpha = alpha
        self.per_clip = per_clip

    def changed(self, inputs):
        x, y = inputs
        batch = ops.shape(x)[0]
        order = self.permutation(batch)
        share = keras.random.beta(
            (batch if self.per_clip else 1,), self.alpha, self.alpha, dtype="float32", seed=self.seed_generator
        )
        return self._mixed(x, y, order, share)

    def _mixed(self, x, y, order, share):
        """Pictures and labels, each clip `share` of itself and for the rest the one that `order` names."""
        return self._mix(x, order, share), self._mix(y, order, share)

    @staticmethod
    def _mix(values, order, share):
        share = ops.reshape(ops.cast(share, values.dtype), (-1,) + (1,) * (len(values.shape) - 1))
        return share * values + (1 - share) * ops.take(values, order, axis=0)
