"""Average precision and ROC-AUC of one class, as scikit-learn defines them; its import would take seconds."""

import numpy as np


def average_precision(truth: np.ndarray, scores: np.ndarray) -> float:
    """Mean over the positives of the precision among all clips that score at least as high.

    Args:
        truth: (clips,), true where above 0, at least once.
        scores: (clips,).
    """
    hits, clips = _at_least_as_high(truth, scores)
    gained = np.diff(hits, prepend=0)
    return float((gained * hits / clips).sum() / hits[-1])


def roc_auc(truth: np.ndarray, scores: np.ndarray) -> float:
    """Probability that a positive scores higher than a negative; ties count half. Arguments as above, not all true."""
    hits, clips = _at_least_as_high(truth, scores)
    false_alarms = clips - hits
    area = np.trapezoid if hasattr(np, "trapezoid") else np.trapz  # its name in NumPy 2, beside a newer TensorFlow
    return float(area(np.append(0, hits), np.append(0, false_alarms)) / (hits[-1] * false_alarms[-1]))


def _at_least_as_high(truth: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(positives, clips) that reach each score that there is, the highest first."""
    order = np.argsort(-scores, kind="stable")
    scores = scores[order]
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1)  # of the clips with equal scores
    return np.cumsum(truth[order] > 0)[last], last + 1
