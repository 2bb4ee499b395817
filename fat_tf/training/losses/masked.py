"""Loss masking: what a model hears most clearly and nobody labelled may be a label that is missing."""

from dataclasses import dataclass

import gin
from keras import ops

from fat_tf.errors import UserError
from fat_tf.training.losses.cross_entropy import SummedCrossEntropy, cross_entropy
from fat_tf.training.losses.trimmed import left_out


@gin.register
@dataclass(frozen=True)
class MaskedCrossEntropy:
    """Summed cross-entropy without the highest logits of each class among the clips of a batch that lack the label.

    Of each class, the k highest logits s of clips with y <= `smallest` cost nothing; k is the share of the batch,
    rounded, one at least and never all. In the manner of Fonseca et al., "Addressing Missing Labels in Large-Scale
    Sound Event Recognition Using a Teacher-Student Framework With Loss Masking", 2020,
    https://arxiv.org/abs/2005.00878, by the model that is trained instead of a teacher.

    Args:
        share: of the clips of a batch whose cost of a class is left out, from 0, for none, to below 1.
        smallest: labels above it count as labels: MixUp and soft labels leave some that are next to nothing.

    Call arguments:
        labels, logits: (batch, classes) float32, labels from 0 to 1.

    Returns:
        (batch,) float32, the cost of each clip.

    Raises:
        UserError: a share not from 0 to below 1.
    """

    needs_whole_batch = True

    share: float = 0.02
    smallest: float = 0.1

    def __post_init__(self):
        if not 0 <= self.share < 1:
            raise UserError(f"MaskedCrossEntropy.share is from 0 to below 1, not {self.share}")
        if not 0 <= self.smallest < 1:
            raise UserError(f"MaskedCrossEntropy.smallest is from 0 to below 1, not {self.smallest}")

    @property
    def of_all_clips(self) -> SummedCrossEntropy:
        """What clips are judged by."""
        return SummedCrossEntropy()

    def __call__(self, labels, logits):
        is_label = labels > self.smallest
        unlabelled = ops.where(is_label, -float("inf"), ops.stop_gradient(logits))
        place = ops.argsort(ops.argsort(-unlabelled, axis=0), axis=0)  # 0: the highest of the class
        is_left_out = ops.logical_and(place < left_out(self.share, ops.shape(logits)[0]), ~is_label)
        return ops.sum(ops.where(is_left_out, 0.0, cross_entropy(labels, logits)), axis=-1)
