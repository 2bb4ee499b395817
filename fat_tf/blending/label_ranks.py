"""lwlrap of many blends of the same members, fast."""

import numpy as np


class LabelRanks:
    """lwlrap of weighted means, from the scores that can change a true label's rank alone.

    A blend with weights of 0 or more ranks a class above a true label wherever all members do, and below it wherever
    all do. Both are counted once; what is left for each blend are the pairs that members dispute.

    Args:
        members: (members, clips, classes) scores.
        truth: (clips, classes) bool.
    """

    def __init__(self, members: np.ndarray, truth: np.ndarray):
        clips, labels = np.nonzero(truth)
        margins = members[:, clips] - members[:, clips, labels][..., None]  # (members, labels, classes)
        above = margins >= 0
        settled = above.all(axis=0)
        disputed = above.any(axis=0) & ~settled
        self._margins = margins[:, disputed]
        self._label = np.nonzero(disputed)[0]
        self._is_true = truth[clips][disputed]
        self._rank = settled.sum(axis=1)
        self._hits = (settled & truth[clips]).sum(axis=1)

    def lwlrap(self, weights: np.ndarray) -> float:
        """Overall lwlrap of the mean with these weights (members,): 0 or more, not all 0, of any sum."""
        above = weights @ self._margins >= 0
        rank = self._rank + self._count(above)
        hits = self._hits + self._count(above & self._is_true)
        return float((hits / rank).mean())

    def _count(self, pairs: np.ndarray) -> np.ndarray:
        """How many of the pairs each label has."""
        return np.bincount(self._label[pairs], minlength=len(self._rank))
