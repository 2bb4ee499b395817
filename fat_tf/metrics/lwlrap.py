"""Label-weighted label-ranking average precision, in NumPy."""

import numpy as np

BLOCK = 2048  # clips ranked at a time: (labels of the block, classes) comparisons are held


def lwlrap(truth: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per-class lwlrap and class weights; the overall value is (per_class * weight).sum().

    For each clip and each of its true classes: the share of true classes among all that score at least as high
    (DCASE 2019 task 2). Classes with equal scores share the worst of their ranks, so ties win nothing; equals
    scikit-learn's label_ranking_average_precision_score weighted by labels a clip, ties included. Rank logits or
    float64 probabilities: saturated sigmoids tie.

    Args:
        truth: (clips, classes), true where above 0.
        scores: (clips, classes), finite.

    Returns:
        per_class (classes,) mean precision over the clips that have the class, 0 where none has; and weight
        (classes,), the class's share of all labels.

    Raises:
        ValueError: shapes that differ, or a score that is not finite.
    """
    truth, scores = np.asarray(truth) > 0, np.asarray(scores)
    precision = label_precision(truth, scores)
    labels = truth.sum(axis=0)
    return precision.sum(axis=0) / np.maximum(labels, 1), labels / max(labels.sum(), 1)


def label_precision(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Precision at the rank of each true label, 0 for the others: (clips, classes) float64. Arguments: see `lwlrap`."""
    if truth.shape != scores.shape or truth.ndim != 2:
        raise ValueError(f"truth and scores are (clips, classes) both, not {truth.shape} and {scores.shape}")
    if not np.isfinite(scores).all():
        raise ValueError("scores hold values that are not finite: a NaN would rank by chance")
    blocks = range(0, len(truth), BLOCK)
    precision = [_block_precision(truth[b : b + BLOCK], scores[b : b + BLOCK]) for b in blocks]
    return np.concatenate(precision) if precision else np.zeros(truth.shape)


def _block_precision(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    clip, label = np.nonzero(truth)
    above = scores[clip] >= scores[clip, label][:, None]  # [label, class]: the class ranks as high or higher
    precision = np.zeros(truth.shape)
    precision[clip, label] = (above & truth[clip]).sum(axis=1) / above.sum(axis=1)
    return precision


def overall_lwlrap(truth: np.ndarray, scores: np.ndarray) -> float:
    """Mean precision over all (clip, true class) pairs; arguments as in `lwlrap`."""
    per_class, weight = lwlrap(truth, scores)
    return float((per_class * weight).sum())
