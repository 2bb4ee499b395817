"""What folds are stratified on: a class for each clip."""

import numpy as np


def strata(targets: np.ndarray) -> np.ndarray:
    """(clips,) the lowest class index of each clip; background, without any, is a class of its own, the last.

    Args:
        targets: (clips, classes) of 0 and 1.
    """
    return np.where(targets.any(axis=1), targets.argmax(axis=1), targets.shape[1])


def with_background(targets: np.ndarray) -> np.ndarray:
    """Targets with a column more for background where there is some, (clips, classes or one more) int."""
    background = ~targets.any(axis=1, keepdims=True)
    return np.hstack([targets, background]).astype(int) if background.any() else targets.astype(int)
