"""Label-weighted label-ranking average precision, in NumPy."""

from collections.abc import Iterable, Iterator

import numpy as np

from fat_tf.metrics.blocks import blocks


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
    truth, scores = np.asarray(truth), np.asarray(scores)
    return lwlrap_of_blocks(blocks_of_precision(truth, scores), truth.shape[1:])


def lwlrap_of_blocks(
    parts: Iterable[tuple[np.ndarray, np.ndarray]], classes: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """`lwlrap` of what `blocks_of_precision` gives; `classes`: (number of them,)."""
    summed, labels = np.zeros(classes), np.zeros(classes, int)
    for block, precision in parts:
        summed = np.concatenate([summed[None], precision]).sum(axis=0)  # clip by clip, wherever blocks end
        labels += block.sum(axis=0)
    return summed / np.maximum(labels, 1), labels / max(labels.sum(), 1)


def label_precision(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Precision at the rank of each true label, 0 for the others: (clips, classes) float64. Arguments: see `lwlrap`."""
    precision = [precision for _, precision in blocks_of_precision(truth, scores)]
    return np.concatenate(precision) if precision else np.zeros(truth.shape)


def clip_precision(truth: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum of the precision of each clip's labels, (clips,) float64, and their number, (clips,) int."""
    summed, labels = np.zeros(len(truth)), np.zeros(len(truth), int)
    of_blocks = zip(blocks(summed, labels), blocks_of_precision(truth, scores), strict=True)
    for (to_summed, to_labels), (block, precision) in of_blocks:
        to_summed[:], to_labels[:] = precision.sum(axis=1), block.sum(axis=1)
    return summed, labels


def class_precision(truth: np.ndarray, scores: np.ndarray) -> list[np.ndarray]:
    """`label_precision` of each class in the clips that have it, in their order."""
    of_blocks = [
        (np.nonzero(block.T)[0], precision.T[block.T]) for block, precision in blocks_of_precision(truth, scores)
    ]
    labels, values = (np.concatenate(parts) for parts in zip(*of_blocks, strict=True))
    ends = np.cumsum(np.bincount(labels, minlength=truth.shape[1]))
    return np.split(values[np.argsort(labels, kind="stable")], ends[:-1])


def blocks_of_precision(truth: np.ndarray, scores: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(truth as bool, `label_precision`) of some clips at a time.

    Raises:
        ValueError: as `lwlrap`.
    """
    if truth.shape != scores.shape or truth.ndim != 2:
        raise ValueError(f"truth and scores are (clips, classes) both, not {truth.shape} and {scores.shape}")
    for block, of_block in blocks(truth, scores):
        if not np.isfinite(of_block).all():
            raise ValueError("scores hold values that are not finite: a NaN would rank by chance")
        yield block > 0, _block_precision(block > 0, of_block)


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
