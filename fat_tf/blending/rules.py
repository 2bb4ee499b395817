"""Blends whose rule is known beforehand: weighted means of members, as they are or on a common scale."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fat_tf.errors import UserError

SMALLEST = np.nextafter(0.0, 1.0)  # stands for 0 under a logarithm: keeps the order of all that is above it


def mean(members: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted arithmetic mean (clips, classes) of members (members, clips, classes); weights (members,) sum to 1."""
    return sum(weight * scores for weight, scores in zip(weights, members, strict=True))


def geometric_mean(members: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted geometric mean; arguments as in `mean`. A 0 weighs like the smallest float, it does not wipe out.

    Raises:
        UserError: a score below 0.
    """
    lowest = members.min(axis=(1, 2))
    if lowest.min() < 0:
        which = f"file {lowest.argmin() + 1} has {lowest.min():.3g}"
        raise UserError(f"gmean needs scores of 0 or more, and {which}: take rank or minmax")
    return np.exp(mean(np.log(np.maximum(members, SMALLEST)), weights))


def rank_mean(members: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted mean of each class' ranks over the clips, scaled to (0, 1]; equal scores share their mean rank.

    Loses to the mean where members are probabilities, for the reason that `minmax_mean` gives.
    """
    from scipy.stats import rankdata  # takes a while to import, and other rules do without

    return mean(rankdata(members, axis=1) / members.shape[1], weights)


def minmax_mean(members: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted mean after each member's scores of each class are rescaled to [0, 1] over the clips.

    The rule of the 9th-place write-up of Freesound Audio Tagging 2019. A class with one score for all clips gives 0.

    lwlrap ranks the classes of a clip, and this throws away how they compare: a class that no model is ever sure of,
    because it is rare or hard, is stretched to as high scores as all others. On probabilities it loses to `mean`, on
    real scores of that competition 0.511 to 0.572 (docs/figures.md). It is for members in different units.
    """
    low = members.min(axis=1, keepdims=True)
    span = members.max(axis=1, keepdims=True) - low
    return mean((members - low) / np.where(span > 0, span, 1.0), weights)


RULES = {
    "mean": mean,
    "weighted": mean,
    "gmean": geometric_mean,
    "rank": rank_mean,
    "minmax": minmax_mean,
}


@dataclass(frozen=True)
class WeightedBlend:
    """A rule and its weights: called with members (members, clips, classes) it gives scores (clips, classes)."""

    weights: np.ndarray
    rule: Callable[[np.ndarray, np.ndarray], np.ndarray] = mean

    def __call__(self, members: np.ndarray) -> np.ndarray:
        return self.rule(members, self.weights)


@dataclass(frozen=True)
class Known:
    """A method that needs no fitting.

    Args:
        rule: one of RULES' values.
        weights: one a member, of any sum; None: equal ones.
    """

    rule: Callable[[np.ndarray, np.ndarray], np.ndarray] = mean
    weights: Sequence[float] | None = None

    def fit(self, members: np.ndarray, truth: np.ndarray | None = None) -> WeightedBlend:
        """The blend for members (members, clips, classes).

        Raises:
            UserError: another number of weights than members, a negative one or no number, none above 0.
        """
        return WeightedBlend(self._weights(len(members)), self.rule)

    def _weights(self, members: int) -> np.ndarray:
        weights = np.ones(members) if self.weights is None else np.asarray(self.weights, float)
        if len(weights) != members:
            raise UserError(f"--weights has {len(weights)} values for {members} members: give one for each, in order")
        if not np.isfinite(weights).all() or weights.min() < 0 or weights.max() == 0:
            given = ", ".join(map(str, self.weights))
            raise UserError(f"--weights must be 0 or more, and not all of them 0: they are {given}")
        weights = weights / weights.max()  # so that large ones do not sum to infinity
        return weights / weights.sum()


def equal_weights(members: int) -> np.ndarray:
    """(members,) weights of the plain mean."""
    return np.full(members, 1 / members)
