"""Trimmed loss: the clips of a batch that cost most are likely to have wrong labels."""

from dataclasses import dataclass

import gin
from keras import ops

from fat_tf.errors import UserError
from fat_tf.training.losses.loss import Loss, check_loss, loss_of_clips, needs_best, needs_noisy


@gin.register
@dataclass(frozen=True)
class Trimmed:
    """Another loss, without the clips of a batch that cost most.

    The k largest costs are 0; k is the share of the batch, rounded, one at least and never all. In the manner of
    Fonseca et al., "Model-agnostic Approaches to Handling Noisy Labels When Training Sound Event Classifiers", 2019,
    https://arxiv.org/abs/1910.12004, who drop what costs more than a part of the batch's largest cost, once a model has
    learnt something: for stages behind the first one (`Stage.loss`).

    Args:
        loss: another loss, or a class that makes it.
        share: of the clips of a batch that cost nothing, from 0, for none, to below 1.

    Call arguments:
        labels, logits: (batch, classes) float32, labels from 0 to 1; and noisy and best, (batch,), if the loss
            needs them.

    Returns:
        (batch,) float32, the cost of each clip.

    Raises:
        UserError: a share not from 0 to below 1.
    """

    needs_whole_batch = True

    loss: Loss | type
    share: float = 0.03

    def __post_init__(self):
        if not 0 <= self.share < 1:
            raise UserError(f"Trimmed.share is from 0 to below 1, not {self.share}")
        check_loss(self.loss)

    @property
    def of_all_clips(self) -> Loss:
        """The other loss, which clips are judged by."""
        return loss_of_clips(self.loss)

    @property
    def needs_noisy(self) -> bool:
        """As the other loss."""
        return needs_noisy(self.loss)

    @property
    def needs_best(self) -> bool:
        """As the other loss."""
        return needs_best(self.loss)

    def __call__(self, labels, logits, *marks):
        each = loss_of_clips(self.loss)(labels, logits, *marks)
        place = ops.argsort(ops.argsort(-each))  # 0: the clip that costs most
        return ops.where(place < left_out(self.share, ops.shape(each)[0]), 0.0, each)


def left_out(share: float, clips):
    """How many of the clips of a batch a share is: rounded, but one at least of two clips or more; int32."""
    clips = ops.cast(clips, "float32")
    return ops.cast(ops.minimum(ops.maximum(ops.round(share * clips), float(share > 0)), clips - 1), "int32")
