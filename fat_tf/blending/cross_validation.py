"""What a fitted blend is worth on clips that it was not fitted to."""

from dataclasses import dataclass
from typing import Protocol

import gin
import numpy as np

from fat_tf.errors import UserError, check_seed
from fat_tf.notices import progress_bar


class Blend(Protocol):
    """From members (members, clips, classes) to scores (clips, classes); weights (members,), or None."""

    weights: np.ndarray | None

    def __call__(self, members: np.ndarray) -> np.ndarray: ...


class Method(Protocol):
    """Fits a blend to members (members, clips, classes) and truth (clips, classes) bool."""

    def fit(self, members: np.ndarray, truth: np.ndarray) -> Blend: ...


@gin.register
@dataclass(frozen=True)
class CrossValidation:
    """What a method gains on clips that it was not fitted to.

    Args:
        parts: of the clips, at random, groups whole; a blend is fitted to all parts but one, for each of them.
        seed: of the parts.

    Raises:
        UserError: fewer than two parts.
    """

    parts: int = 5
    seed: int = 2019

    def __post_init__(self):
        if self.parts < 2:
            raise UserError(f"CrossValidation.parts must be 2 or more, not {self.parts}")
        check_seed(self.seed, "CrossValidation.seed")

    def scores(
        self, method: Method, members: np.ndarray, truth: np.ndarray, groups: np.ndarray | None = None
    ) -> np.ndarray:
        """Scores (clips, classes), each clip's by a blend that was fitted to clips of the other parts.

        Args:
            method: fitted once a part.
            members: (members, clips, classes) out-of-fold scores.
            truth: (clips, classes) bool.
            groups: (clips,) int, the same for clips of one group; None: each clip is one of its own.

        Raises:
            UserError: fewer than two clips, or one group, a part.
        """
        if groups is None:
            number, least, what = len(truth), 2 * self.parts, "clips"
        else:
            number, least, what = len(np.unique(groups)), self.parts, "groups of clips"
        if number < least:
            raise UserError(
                f"{number} {what} are too few to fit a blend and to judge it: {least} at least, or fewer "
                "CrossValidation.parts"
            )
        from sklearn.model_selection import GroupKFold, KFold  # takes seconds to import

        scores = np.empty(truth.shape)
        folds = KFold if groups is None else GroupKFold
        splits = folds(self.parts, shuffle=True, random_state=self.seed).split(truth, groups=groups)
        for others, part in progress_bar(splits, "Fitting", self.parts, leave=False, unit="part", delay=2):
            blend = method.fit(members[:, others], truth[others])
            scores[part] = blend(members)[part]  # all clips are rescaled together, as the final blend's are
        return scores
