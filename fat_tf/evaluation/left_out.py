"""What the labels of all other clips say about each one: ridge regression with one clip left out, in closed form."""

import numpy as np


def scores_of_others(features: np.ndarray, targets: np.ndarray, ridge: float) -> np.ndarray:
    """Labels of each clip as they are predicted from the features and labels of all others.

    Leaving a clip out needs no second fit: its residual is that of the fit to all, divided by 1 − leverage (Hastie et
    al., The Elements of Statistical Learning, 2009, equation 7.64).

    Args:
        features: (clips, values); each value counts in units of its deviation.
        targets: (clips, classes) of 0 and 1.
        ridge: penalty on the squared weights, for each clip.

    Returns:
        (clips, classes) float64, from 0 to 1. One clip alone has its own labels.
    """
    spread = features.std(axis=0)
    x = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1)
    left, sizes, _ = np.linalg.svd(x, full_matrices=False)
    shrunk = left * (sizes**2 / (sizes**2 + ridge * len(x)))
    mean = targets.mean(axis=0, dtype=np.float64)
    residual = targets - mean - shrunk @ (left.T @ (targets - mean))
    leverage = (shrunk * left).sum(axis=1) + 1 / len(x)
    return np.clip(targets - residual / np.maximum(1 - leverage, 1e-9)[:, None], 0, 1)
