"""How far a figure would move with other clips.

Clips of one group (recording, speaker, place) say less than as many of different ones: where groups are given, these
are resampled, each whole (the cluster bootstrap, Davison and Hinkley, 1997, section 3.8).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import gin
import numpy as np

from fat_tf.errors import UserError, check_seed
from fat_tf.metrics.lwlrap import blocks_of_precision, clip_precision

FEWEST, MOST = 100, 1_000_000  # rounds: of fewer, 2.5 % at each end are a value or two
MANY = 20_000  # clips or groups; more of them are joined at random into so many bags, which are resampled whole


@gin.configurable
@dataclass(frozen=True)
class Bootstrap:
    """How all intervals are found; without arguments as the configuration has it.

    Args:
        rounds: resamplings.
        seed: of these.

    Raises:
        UserError: fewer than 100 rounds or more than a million, a seed that is none.
    """

    rounds: int = 2000
    seed: int = 2019

    def __post_init__(self):
        if not FEWEST <= self.rounds <= MOST:
            raise UserError(f"Bootstrap.rounds is from {FEWEST} to {MOST}, not {self.rounds}")
        check_seed(self.seed, "Bootstrap.seed")


def bootstrap_interval(truth: np.ndarray, scores: np.ndarray, groups: np.ndarray | None = None) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the overall lwlrap over clips (Efron and Tibshirani, 1993).

    Args:
        truth, scores: (clips, classes).
        groups: (clips,) int, the same for clips of one group; None: each clip is one of its own.
    """
    return interval_of_ratio(*clip_precision(truth, scores), groups)


def paired_difference(
    truth: np.ndarray, scores: np.ndarray, baseline: np.ndarray, groups: np.ndarray | None = None
) -> tuple[float, tuple[float, float]]:
    """Overall lwlrap of `scores` minus that of `baseline` on the same clips, and its 95 % bootstrap interval."""
    both = zip(blocks_of_precision(truth, scores), blocks_of_precision(truth, baseline), strict=True)
    gain = np.concatenate([(ours - theirs).sum(axis=1) for (_, ours), (_, theirs) in both] or [np.zeros(0)])
    labels = np.count_nonzero(truth, axis=1)
    return float(gain.sum() / max(labels.sum(), 1)), interval_of_ratio(gain, labels, groups)


def with_interval(value: float, ci95: Sequence[float]) -> str:
    """A figure and its interval as people read them: 0.123 [0.100, 0.150]."""
    value, low, high = (round(number, 3) + 0.0 for number in (value, *ci95))  # + 0.0: without the sign of -0
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def interval_of_ratio(
    values: np.ndarray, weights: np.ndarray, groups: np.ndarray | None = None, bootstrap: Bootstrap | None = None
) -> tuple[float, float]:
    """95 % bootstrap interval of sum(values) / sum(weights) over clips.

    Args:
        values: (clips,); or (repeats, clips), like those of several seeds: their mean counts, and they are resampled
            too.
        weights: (clips,).
        groups: as of `bootstrap_interval`.
        bootstrap: None: the configuration's.
    """
    bootstrap = bootstrap or Bootstrap()
    values = np.atleast_2d(values)
    if groups is not None:
        values, weights = _summed(np.unique(groups, return_inverse=True)[1], values, weights)
    if len(weights) > MANY:  # a mean moves as much with bags of alike sizes, and time stays what it is
        bags = np.random.default_rng(bootstrap.seed).permutation(len(weights)) % MANY
        values, weights = _summed(bags, values, weights)
    of_repeats = np.random.default_rng((bootstrap.seed, 1))

    def of(picks: np.ndarray) -> np.ndarray:
        sums = np.stack([repeat[picks].sum(axis=1) for repeat in values])
        chosen = np.take_along_axis(sums, of_repeats.integers(0, len(sums), sums.shape), axis=0)
        return chosen.mean(axis=0) / np.maximum(weights[picks].sum(axis=1), 1)

    return _percentiles(of, len(weights), bootstrap)


def _summed(places: np.ndarray, values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """values (repeats, clips) and weights (clips,), summed over the clips of each place."""
    return np.stack([np.bincount(places, repeat) for repeat in values]), np.bincount(places, weights)


def _percentiles(
    statistic: Callable[[np.ndarray], np.ndarray], clips: int, bootstrap: Bootstrap
) -> tuple[float, float]:
    """2.5th and 97.5th percentile of a statistic of resampled clips, by blocks that stay small in memory."""
    rng = np.random.default_rng(bootstrap.seed)
    block = max(1, 2_000_000 // max(clips, 1))
    sizes = [min(block, bootstrap.rounds - done) for done in range(0, bootstrap.rounds, block)]
    values = np.concatenate([statistic(rng.integers(0, clips, (size, clips))) for size in sizes])
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
