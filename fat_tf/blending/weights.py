"""Weights of members, fitted to out-of-fold scores and their truth."""

from collections.abc import Sequence
from dataclasses import dataclass

import gin
import numpy as np

from fat_tf.blending.label_ranks import LabelRanks
from fat_tf.blending.rules import WeightedBlend, equal_weights
from fat_tf.errors import UserError, check_seed
from fat_tf.metrics import overall_lwlrap


@gin.register
@dataclass(frozen=True)
class Optimize:
    """Weights, 0 or more with the sum 1, that maximise the overall lwlrap of the mean.

    lwlrap is constant between the weights where ranks change, so it is climbed by steps (see `climb`). Random halves
    of the clips are climbed first, each from equal weights; the mean of their weights, which varies less with the
    clips at hand than those of one climb (bagging: Breiman, 1996), is where the climb on all clips starts. Where it
    ends below the plain mean or a single member, it starts again from there.

    Args:
        halvings: how often the clips are parted into halves; 0: the climb on all clips starts from equal weights.
        steps: of a weight, on the halves.
        fine_steps: of a weight, on all clips.
        seed: of the halves.

    Raises:
        UserError: fewer halvings than 0, a step that is not between 0 and 1.
    """

    halvings: int = 5
    steps: tuple[float, ...] = (0.5, 0.2, 0.1, 0.05, 0.02)
    fine_steps: tuple[float, ...] = (0.02, 0.01, 0.005)
    seed: int = 2019

    def __post_init__(self):
        if self.halvings < 0 or not all(0 < step < 1 for step in (*self.steps, *self.fine_steps)):
            raise UserError(
                "Optimize: halvings must be 0 or more and steps between 0 and 1, "
                f"not {self.halvings}, {self.steps}, {self.fine_steps}"
            )
        check_seed(self.seed, "Optimize.seed")

    def fit(self, members: np.ndarray, truth: np.ndarray) -> WeightedBlend:
        """The blend for members (members, clips, classes) and truth (clips, classes) bool."""
        ranks, equal = LabelRanks(members, truth), equal_weights(len(members))
        halves = self._halves(len(truth))
        of_halves = [climb(LabelRanks(members[:, half], truth[half]), equal, self.steps) for half in halves]
        top = climb(ranks, np.mean(of_halves or [equal], axis=0), self.fine_steps)
        best = max(top, equal, *np.eye(len(members)), key=ranks.lwlrap)
        return _at_least_simple(climb(ranks, best, self.fine_steps), members, truth)

    def _halves(self, clips: int) -> list[np.ndarray]:
        """The clips of each half."""
        rng = np.random.default_rng(self.seed)
        return [half for _ in range(self.halvings) for half in np.array_split(rng.permutation(clips), 2)]


def climb(ranks: LabelRanks, weights: np.ndarray, steps: Sequence[float]) -> np.ndarray:
    """The weights (members,) after all steps of single weights, up or down, that raise lwlrap.

    A compass search on the simplex (Kolda, Lewis and Torczon, 2003); each step is taken until none helps.
    """
    best = ranks.lwlrap(weights)
    for step in steps:
        before = -1.0
        while before < best:
            before = best
            for change in _changes(len(weights), step):
                moved = np.maximum(weights + change, 0)
                moved /= moved.sum()
                if (value := ranks.lwlrap(moved)) > best:
                    best, weights = value, moved
    return weights


def _changes(members: int, step: float) -> np.ndarray:
    """(2 · members, members): each weight up, then down."""
    return np.kron(np.eye(members), [[step], [-step]])


@gin.register
@dataclass(frozen=True)
class Greedy:
    """Members added one by one, each as often as it helps the lwlrap of the mean most (Caruana et al., 2004).

    Args:
        rounds: members added; the best of the blends on the way is kept.

    Raises:
        UserError: no rounds, or more than 10,000.
    """

    rounds: int = 50

    def __post_init__(self):
        if not 1 <= self.rounds <= 10_000:
            raise UserError(f"Greedy.rounds is from 1 to 10000, not {self.rounds}")

    def fit(self, members: np.ndarray, truth: np.ndarray) -> WeightedBlend:
        """The blend for members (members, clips, classes) and truth (clips, classes) bool."""
        ranks = LabelRanks(members, truth)
        counts, path = np.zeros(len(members)), []
        for _ in range(self.rounds):
            counts = max(counts + np.eye(len(members)), key=ranks.lwlrap)
            path.append(counts / counts.sum())
        return _at_least_simple(max(path, key=ranks.lwlrap), members, truth)


def _at_least_simple(weights: np.ndarray, members: np.ndarray, truth: np.ndarray) -> WeightedBlend:
    """The blend with these weights, or the plain mean or a single member where that ranks better."""
    blends = [WeightedBlend(choice) for choice in (weights, equal_weights(len(members)), *np.eye(len(members)))]
    return max(blends, key=lambda blend: overall_lwlrap(truth, blend(members)))
