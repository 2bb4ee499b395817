"""A loss of its own for noisy clips, and for the best of them, and how much it counts."""

from dataclasses import dataclass

import gin

from fat_tf.errors import UserError
from fat_tf.parts import name_of
from fat_tf.training.losses.cross_entropy import SummedCrossEntropy
from fat_tf.training.losses.loss import Loss, check_loss, loss_of_clips, needs_best, needs_noisy, of_whole_batch


@gin.register
@dataclass(frozen=True)
class BySource:
    """(1 − n)·curated(y, s) + (n − b)·weight·noisy(y, s) + b·best_weight·best(y, s).

    n is the share of a clip that is of a noisy one, b that of one of the best, which the recipe's selection chose. In
    the manner of the 1st place of FSDKaggle2019 (https://github.com/lRomul/argus-freesound): cross-entropy of curated
    clips and the best noisy ones, `SoftBootstrapping` of the other noisy ones. The shares of the sources in a batch are
    for the stage's set of clips, `Shares`.

    Args:
        curated, noisy: losses, or classes that make them.
        best: of the best noisy clips; None: that of all noisy ones.
        weight, best_weight: of the noisy clips and the best of them, 0 or more; None: the same.

    Call arguments:
        labels, logits: (batch, classes) float32, labels from 0 to 1.
        noisy, best: (batch,) float32; best where a loss or a weight of its own is given.

    Returns:
        (batch,) float32, the cost of each clip.

    Raises:
        UserError: a weight below 0, a BySource within it, a loss that compares the clips of a batch: it would count
            those of other sources.
    """

    needs_noisy = True

    curated: Loss | type = SummedCrossEntropy
    noisy: Loss | type = SummedCrossEntropy
    weight: float = 1.0
    best: Loss | type | None = None
    best_weight: float | None = None

    def __post_init__(self):
        for name in ("weight", "best_weight"):
            if (getattr(self, name) or 0) < 0:
                raise UserError(f"BySource.{name} is 0 or more, not {getattr(self, name)}")
        for loss in (self.curated, self.noisy, *([] if self.best is None else [self.best])):
            check_loss(loss)
        if any(map(needs_best, filter(None, (self.curated, self.noisy, self.best)))):
            raise UserError("BySource within BySource: give the outer one's weight, best and best_weight instead")
        if whole := next(filter(None, map(of_whole_batch, filter(None, (self.curated, self.noisy, self.best)))), None):
            raise UserError(
                f"BySource: {name_of(whole)} compares all clips of a batch, of whatever source: leave one of them out"
            )

    @property
    def needs_best(self) -> bool:
        """Whether the best noisy clips have a loss or a weight of their own."""
        return self.best is not None or self.best_weight is not None

    def __call__(self, labels, logits, noisy, best=0.0):
        def cost(loss):
            return loss_of_clips(loss)(labels, logits, *[noisy] * needs_noisy(loss))

        of_all = (1 - noisy) * cost(self.curated) + self.weight * (noisy - best) * cost(self.noisy)
        if not self.needs_best:
            return of_all
        weight = self.weight if self.best_weight is None else self.best_weight
        return of_all + weight * best * cost(self.noisy if self.best is None else self.best)
