"""A second-level model on members' scores."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import gin
import numpy as np

from fat_tf.errors import UserError

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

SMALLEST = 1e-7  # probabilities under a logit keep this far from 0 and 1


@gin.register
@dataclass(frozen=True)
class Stack:
    """For each class a logistic regression on the members' logits of that class (stacking: Wolpert, 1992).

    Args:
        inverse_regularisation: C of scikit-learn's LogisticRegression; smaller is more cautious.

    Raises:
        UserError: an inverse regularisation of 0 or less.
    """

    inverse_regularisation: float = 0.1

    def __post_init__(self):
        if self.inverse_regularisation <= 0:
            raise UserError(f"Stack.inverse_regularisation must be above 0, not {self.inverse_regularisation}")

    def fit(self, members: np.ndarray, truth: np.ndarray) -> "StackedBlend":
        """The blend for members (members, clips, classes), probabilities, and truth (clips, classes) bool.

        Raises:
            UserError: scores that are no probabilities.
        """
        logits = _logits(members)
        return StackedBlend([self._model(logits[..., k].T, truth[:, k]) for k in range(truth.shape[1])])

    def _model(self, logits: np.ndarray, truth: np.ndarray) -> "Pipeline | None":
        """The regression of one class; None where all clips have it or none has."""
        if truth.all() or not truth.any():
            return None
        from sklearn.linear_model import LogisticRegression  # takes seconds to import
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        regression = LogisticRegression(C=self.inverse_regularisation, solver="newton-cholesky")  # few features: fast
        return make_pipeline(StandardScaler(), regression).fit(logits, truth)


class StackedBlend:
    """Regressions, one a class: called with members (members, clips, classes) it gives probabilities (clips, classes).

    A class without a regression has the mean of the members' logits.
    """

    weights = None

    def __init__(self, models: "Sequence[Pipeline | None]"):
        self._models = models

    def __call__(self, members: np.ndarray) -> np.ndarray:
        logits = _logits(members)
        columns = [
            logits[..., k].mean(axis=0) if model is None else model.decision_function(logits[..., k].T)
            for k, model in enumerate(self._models)
        ]
        return np.exp(-np.logaddexp(0, -np.stack(columns, axis=1)))  # sigmoids, without overflow


def _logits(members: np.ndarray) -> np.ndarray:
    for number, scores in enumerate(members, start=1):
        if scores.min() < 0 or scores.max() > 1:
            extent = f"file {number} has scores from {scores.min():.3g} to {scores.max():.3g}"
            raise UserError(f"stack needs probabilities, and {extent}: take optimize or greedy")
    members = np.clip(members, SMALLEST, 1 - SMALLEST)
    return np.log(members / (1 - members))
