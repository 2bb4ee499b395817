"""What models doubt in the labels of clips: wrong ones, missing ones, and clips of none of the classes."""

from dataclasses import dataclass
from functools import partial

import gin
import numpy as np

from fat_tf.errors import UserError, listed
from fat_tf.evaluation.label_quality import margin, mean_loss, moving_average, typical_scores, worst_class

WAYS = ("margin", "ema", "worst", "loss")
WRONG, MISSING, NONE, FINE = "wrong", "missing", "none", "fine"  # kinds of doubt


@dataclass(frozen=True)
class Doubts:
    """quality (clips,) from 0, surely wrong, to 1. heard (clips, classes) bool: labels as the scores suggest them.

    kinds (clips,): "wrong" (a label is not heard), "missing" (all are, and another class too), "none" (no class is
    heard), "fine" (what is given is heard, or outscores all else, and nothing else is heard).
    """

    quality: np.ndarray
    heard: np.ndarray
    kinds: np.ndarray


@gin.register
@dataclass(frozen=True)
class LabelAudit:
    """How labels are judged.

    Args:
        way: of ranking clips: "margin" (weakest label against the strongest other class), "ema" (moving average of the
            class qualities), "worst" (class), or "loss" (mean over the classes); see `label_quality`.
        alpha: of "ema".
        ridge: the scores of the models are read anew, together with log-mel statistics, by a ridge regression on the
            labels of all other clips (see `left_out`), with this penalty; None takes the scores as they are.
        heard: a class is heard where it reaches this share of its typical score, the mean of the clips that have it.

    Raises:
        UserError: another way, a value out of its range.
    """

    way: str = "margin"
    alpha: float = 0.8
    ridge: float | None = 0.01
    heard: float = 1.0

    def __post_init__(self):
        if self.way not in WAYS:
            raise UserError(f"LabelAudit.way is one of {listed(WAYS)}, not {self.way!r}")
        if not 0 < self.alpha <= 1:
            raise UserError(f"LabelAudit.alpha is above 0 and at most 1, not {self.alpha}")
        if self.heard <= 0 or (self.ridge is not None and self.ridge <= 0):
            raise UserError(f"LabelAudit: heard and ridge must be above 0, not {self.heard} and {self.ridge}")

    def quality(self, targets: np.ndarray, scores: np.ndarray) -> np.ndarray:
        """(clips,) from 0 to 1; arguments (clips, classes)."""
        ways = {"margin": margin, "ema": partial(moving_average, alpha=self.alpha), "worst": worst_class}
        return ways.get(self.way, mean_loss)(targets, scores)

    def doubts(self, targets: np.ndarray, scores: np.ndarray) -> Doubts:
        """Judge clips.

        Args:
            targets: (clips, classes) of 0 and 1, labels as given.
            scores: (clips, classes) from 0 to 1, by what has not seen the clips.
        """
        given = targets > 0
        heard = scores >= self.heard * typical_scores(targets, scores)
        lost, new = (given & ~heard).any(axis=1), (heard & ~given).any(axis=1)
        fine = ~new & (~lost | (margin(targets, scores) >= 0.5))
        kinds = np.select([fine, ~lost, heard.any(axis=1)], [FINE, MISSING, WRONG], NONE)
        return Doubts(self.quality(targets, scores), heard, kinds)
