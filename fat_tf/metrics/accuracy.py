"""Top-1 accuracy of a tagger."""

import numpy as np

from fat_tf.metrics.bootstrap import interval_of_ratio


def top_class_hits(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(clips,) 1.0 where the class with the highest score is one of the clip's labels; both (clips, classes)."""
    return np.take_along_axis(truth > 0, scores.argmax(axis=1)[:, None], axis=1)[:, 0].astype(float)


def accuracy_interval(
    truth: np.ndarray, scores: np.ndarray, rounds: int = 2000, seed: int = 2019
) -> tuple[float, tuple[float, float]]:
    """Share of hits and its 95 % bootstrap interval."""
    hits = top_class_hits(truth, scores)
    return float(hits.mean()), interval_of_ratio(hits, np.ones(len(hits)), rounds, seed)
