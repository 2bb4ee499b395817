"""Log-sum-exp pairwise loss: labels are to outrank all other classes, which is what lwlrap asks for."""

from dataclasses import dataclass

import gin
from keras import ops

from fat_tf.errors import UserError
from fat_tf.training.losses.cross_entropy import cross_entropy

FAR = 1e9  # taken from the logits of classes that a sum leaves out


@gin.register
@dataclass(frozen=True)
class Lsep:
    """λ·LSEP + (1 − λ)·BCE of each clip, LSEP = log(1 + Σ over u∉y, v∈y of exp(s_u − s_v)).

    It is computed as softplus of the two log-sum-exps; BCE is summed over the classes. Clips without a label, which
    nothing can outrank, cost their BCE alone. Li et al., "Improving Pairwise Ranking for Multi-label Image
    Classification", 2017, https://arxiv.org/abs/1704.03135; the 3rd place of FSDKaggle2019 trained with LSEP
    (https://github.com/ex4sperans/freesound-classification). Mixing it with BCE is our own.

    Args:
        share: λ, from 0 to 1.
        smallest: labels above it count as labels: MixUp leaves some that are next to nothing. With soft labels 0.5.

    Call arguments:
        labels, logits: (batch, classes) float32, labels from 0 to 1.

    Returns:
        (batch,) float32, the cost of each clip.

    Raises:
        UserError: a share not from 0 to 1.
    """

    outranks = True  # labels are sets to it: with soft ones see Recipe

    share: float = 0.5
    smallest: float = 0.1

    def __post_init__(self):
        if not 0 <= self.share <= 1:
            raise UserError(f"Lsep.share is from 0 to 1, not {self.share}")
        if not 0 <= self.smallest < 1:
            raise UserError(f"Lsep.smallest is from 0 to below 1, not {self.smallest}")

    def __call__(self, labels, logits):
        is_label = labels > self.smallest
        others = ops.logsumexp(logits - FAR * ops.cast(is_label, "float32"), axis=-1)
        ours = ops.logsumexp(-logits - FAR * ops.cast(~is_label, "float32"), axis=-1)
        entropy = ops.sum(cross_entropy(labels, logits), axis=-1)
        both = self.share * ops.softplus(others + ours) + (1 - self.share) * entropy
        return ops.where(ops.any(is_label, axis=-1), both, entropy)
