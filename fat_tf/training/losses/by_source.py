"""A loss of its own for noisy clips, and how much it counts."""

from dataclasses import dataclass

import gin

from fat_tf.errors import UserError
from fat_tf.training.losses.cross_entropy import SummedCrossEntropy
from fat_tf.training.losses.loss import Loss, loss_of_clips, needs_noisy


@gin.register
@dataclass(frozen=True)
class BySource:
    """(1 − n)·curated(y, s) + n·weight·noisy(y, s), with n the share of a clip that is of a noisy one.

    In the manner of the gated batches of the 1st place of FSDKaggle2019; the shares of the sources in a batch are for
    the stage's set of clips, `Shares`.

    Args:
        curated, noisy: losses, or classes that make them.
        weight: of the noisy clips, 0 or more.

    Call arguments:
        labels, logits: (batch, classes) float32.
        noisy: (batch,) float32.

    Returns:
        (batch,) float32.

    Raises:
        UserError: a weight below 0.
    """

    needs_noisy = True

    curated: Loss | type = SummedCrossEntropy
    noisy: Loss | type = SummedCrossEntropy
    weight: float = 1.0

    def __post_init__(self):
        if self.weight < 0:
            raise UserError(f"BySource.weight is 0 or more, not {self.weight}")

    def __call__(self, labels, logits, noisy):
        of_curated, of_noisy = (
            loss_of_clips(loss)(labels, logits, *[noisy] * needs_noisy(loss)) for loss in (self.curated, self.noisy)
        )
        return (1 - noisy) * of_curated + self.weight * noisy * of_noisy
