"""Top-1 accuracy of a tagger."""

import numpy as np

from fat_tf.metrics.bootstrap import interval_of_ratio


def wrong_top_classes(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(clips, classes) True for classes that are none of the clip's labels, and that no class outranks.

    One that ties with a label is one of them: as in lwlrap, ties win nothing. Both arguments (clips, classes).
    """
    return (scores == scores.max(axis=1, keepdims=True)) & (truth <= 0)


def accuracy_interval(
    truth: np.ndarray, scores: np.ndarray, rounds: int = 2000, seed: int = 2019
) -> tuple[float, tuple[float, float]]:
    """Share of clips whose top class is one of their labels, and its 95 % bootstrap interval."""
    hits = 1.0 - wrong_top_classes(truth, scores).any(axis=1)
    return float(hits.mean()), interval_of_ratio(hits, np.ones(len(hits)), rounds, seed)
