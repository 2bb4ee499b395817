"""MixUp whose labels are united instead of weighted: what can be heard in the mixture is a label of it."""

import gin
import keras
from keras import ops

from fat_tf.layers.mixup import MixUp


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class UnionMixUp(MixUp):
    """(x, y) -> λ·x + (1 − λ)·x[permutation], and both clips' labels: max(y, y[permutation]).

    λ ~ Beta(alpha, alpha) or 1 minus it, whichever is larger; where the smaller share, 1 − λ, is not above `smallest`,
    y stays. United labels are as of the 3rd place of FSDKaggle2019
    (https://github.com/ex4sperans/freesound-classification), who mixed sounds in nearly equal shares, and of the 5th
    (see `OverlayMix`).

    Args:
        alpha, per_clip, seed: as MixUp's.
        smallest: share above which a clip is heard, 0 to 0.5.

    Call arguments and returns: as MixUp's.

    Raises:
        ValueError: alpha as MixUp; smallest not from 0 to 0.5.
    """

    ARGUMENTS = (*MixUp.ARGUMENTS, "smallest")

    def __init__(
        self,
        alpha: float = 0.4,
        per_clip: bool = False,
        smallest: float = 0.1,
        seed: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(alpha, per_clip, seed, name, dtype)
        if not 0 <= smallest <= 0.5:
            raise ValueError(f"UnionMixUp: smallest is a share of 0 to 0.5, not {smallest}")
        self.smallest = smallest

    def _mixed(self, x, y, order, share):
        share = ops.maximum(share, 1 - share)
        is_heard = ops.cast(1 - share > self.smallest, y.dtype)[:, None]
        return self._mix(x, order, share), ops.maximum(y, is_heard * ops.take(y, order, axis=0))
