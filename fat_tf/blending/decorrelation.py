"""Which members to blend: good ones that err differently."""

from dataclasses import dataclass

import gin
import numpy as np

from fat_tf.blending.rules import RULES, WeightedBlend
from fat_tf.errors import UserError, listed
from fat_tf.metrics import overall_lwlrap


@gin.register
@dataclass(frozen=True)
class Decorrelate:
    """The least correlated of the good members, as in the 9th-place write-up; which blends them by "minmax".

    The best member is taken first, then again and again the one whose highest correlation with those taken is lowest.

    Args:
        limit: lwlrap that a member must have; 0 or less: seen from the best member's.
        number: members taken, where as many are good.
        rule: of the blend, a key of RULES.

    Raises:
        UserError: fewer than one member wanted, another rule.
    """

    limit: float = -0.05
    number: int = 15
    rule: str = "mean"

    def __post_init__(self):
        if self.number < 1:
            raise UserError(f"Decorrelate.number must be 1 or more, not {self.number}")
        if self.rule not in RULES:
            raise UserError(f"Decorrelate.rule is one of {listed(RULES)}, not {self.rule!r}")

    def fit(self, members: np.ndarray, truth: np.ndarray) -> WeightedBlend:
        """The blend for members (members, clips, classes) and truth (clips, classes) bool.

        Raises:
            UserError: no member is good enough.
        """
        each = np.array([overall_lwlrap(truth, scores) for scores in members])
        good = np.flatnonzero(each >= (self.limit if self.limit > 0 else each.max() + self.limit))
        if not len(good):
            raise UserError(f"No member has lwlrap of Decorrelate.limit = {self.limit}: the best has {each.max():.3f}")
        correlation = correlations(members)
        taken = [int(each.argmax())]
        while len(taken) < min(self.number, len(good)):
            left = [member for member in good if member not in taken]
            taken.append(min(left, key=lambda member: correlation[member, taken].max()))
        return WeightedBlend(np.isin(np.arange(len(members)), taken) / len(taken), RULES[self.rule])


def correlations(members: np.ndarray) -> np.ndarray:
    """Pearson's correlation of all scores of each two members (members, members); 0 where one scores all alike."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nan_to_num(np.corrcoef(members.reshape(len(members), -1)))
