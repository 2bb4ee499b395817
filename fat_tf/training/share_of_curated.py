"""A part of the curated clips that a fold may train on, as a learning curve wants it."""

from dataclasses import dataclass

import gin
import numpy as np

from fat_tf.data.strata import strata
from fat_tf.errors import UserError


@gin.register
@dataclass(frozen=True)
class ShareOfCurated:
    """Draws whole groups, stratified on the label with the lowest class index of a group's first clip.

    The groups of a class stand in a random order along a line from 0 to 1, each as long as it has clips, and the share
    takes those before it. So a smaller share of the same draw is a part of a larger one, each class has its share,
    rounded up or down by a group, and one group of it at least.

    Args:
        share: of the clips, above 0 and at most 1.
        draw: seed; other draws take other clips.

    Raises:
        UserError: another share, a draw below 0.
    """

    share: float = 1.0
    draw: int = 1

    def __post_init__(self):
        if not 0 < self.share <= 1:
            raise UserError(f"ShareOfCurated.share is above 0 and at most 1, not {self.share}")
        if self.draw < 0:
            raise UserError(f"ShareOfCurated.draw must be 0 or more, not {self.draw}")

    def __call__(self, rows: np.ndarray, targets: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """The rows that are taken, in their order.

        Args:
            rows: of the clips that a fold may train on.
            targets, groups: (all rows, classes), (all rows,) int.
        """
        _, firsts, of_row, clips = np.unique(groups[rows], return_index=True, return_inverse=True, return_counts=True)
        rng, classes = np.random.default_rng(self.draw), strata(targets[rows[firsts]])
        places = np.zeros(len(firsts))
        for one in np.unique(classes):
            order = rng.permutation(np.flatnonzero(classes == one))
            lengths, shift = clips[order], rng.random()
            places[order] = (np.cumsum(lengths) - lengths + shift * lengths) / lengths.sum()
            places[order[0]] = 0.0
        return rows[(places < self.share)[of_row]]
