"""How far scores agree with the labels that clips were given: for each class, and for the clip as a whole.

Every quality lies between 0, surely wrong, and 1. All functions take targets (clips, classes) of 0 and 1, the labels
as given, and scores (clips, classes) from 0 to 1 of models that have not seen the clips.
"""

import numpy as np

SMALLEST = 1e-15  # of a quality under a logarithm


def class_quality(targets: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(clips, classes): the score where the clip has the label, and 1 − score where it has not."""
    return np.where(targets > 0, scores, 1 - scores)


def moving_average(targets: np.ndarray, scores: np.ndarray, alpha: float = 0.8) -> np.ndarray:
    """(clips,) exponential moving average of a clip's class qualities in falling order.

    The worst class weighs most, the next worst 1 − alpha of that (Thyagarajan et al., Identifying Incorrect
    Annotations in Multi-Label Classification Data, 2022, arXiv:2211.13895, with alpha 0.8).
    """
    falling = -np.sort(-class_quality(targets, scores), axis=1)
    average = falling[:, 0]
    for worse in falling.T[1:]:
        average = alpha * worse + (1 - alpha) * average
    return average


def worst_class(targets: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(clips,) the lowest quality among the classes."""
    return class_quality(targets, scores).min(axis=1)


def mean_loss(targets: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(clips,) exp(−mean binary cross-entropy over the classes): the order in which the 9th place chose noisy clips."""
    return np.exp(np.log(np.maximum(class_quality(targets, scores), SMALLEST)).mean(axis=1))


def margin(targets: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(clips,) by how much the weakest label outscores the strongest other class, from −1 to 1, as (1 + margin) / 2.

    Of one label it is the normalised margin of Northcutt et al. (Confident Learning, 2021, arXiv:1911.00068). What is
    wanting counts as certain: the labels of background, and the other classes of a clip that has all.
    """
    weakest = np.where(targets > 0, scores, 1).min(axis=1)
    strongest = np.where(targets > 0, 0, scores).max(axis=1)
    return (1 + weakest - strongest) / 2


def typical_scores(targets: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(classes,) mean score of each class among the clips that have it (a threshold of Confident Learning); 1 if none.

    Rare and difficult classes score low where they are right, too.
    """
    clips = (targets > 0).sum(axis=0)
    sums = np.where(targets > 0, scores, 0).sum(axis=0)
    return np.where(clips > 0, sums / np.maximum(clips, 1), 1.0)
