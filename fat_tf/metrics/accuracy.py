"""The top class of a tagger: how often it is right, and what it is taken for."""

import numpy as np

from fat_tf.metrics.blocks import blocks
from fat_tf.metrics.bootstrap import interval_of_ratio


def wrong_top_classes(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(clips, classes) True for classes that are none of the clip's labels, and that no class outranks.

    One that ties with a label is one of them: as in lwlrap, ties win nothing. Both arguments (clips, classes).
    """
    return (scores == scores.max(axis=1, keepdims=True)) & (truth <= 0)


def has_wrong_top(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(clips,) whether there is one of `wrong_top_classes`; both arguments (clips, classes)."""
    wrong = [wrong_top_classes(*block).any(axis=1) for block in blocks(truth, scores)]
    return np.concatenate(wrong) if wrong else np.zeros(0, bool)


def accuracy_interval(
    truth: np.ndarray, scores: np.ndarray, groups: np.ndarray | None = None
) -> tuple[float, tuple[float, float]]:
    """Share of clips whose top class is one of their labels, and its 95 % bootstrap interval."""
    hits = 1.0 - has_wrong_top(truth, scores)
    return float(hits.mean()), interval_of_ratio(hits, np.ones(len(hits)), groups)


def confusion_matrix(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(classes, classes) clips by label (rows, which sum to the label's clips) and top class.

    A clip whose top class is none of its labels counts for each of them; one whose top class is a label stands on the
    diagonal of each. Both arguments (clips, classes).
    """
    matrix = np.zeros((truth.shape[1], truth.shape[1]), int)
    for block, of_block in blocks(truth, scores):
        wrong = wrong_top_classes(block, of_block)
        clip, label = np.nonzero(block > 0)
        top = np.where(wrong[clip].any(axis=1), wrong[clip].argmax(axis=1), label)
        np.add.at(matrix, (label, top), 1)
    return matrix
