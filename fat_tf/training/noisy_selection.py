"""Which noisy clips to trust: those that a model of the curated clips agrees with."""

from dataclasses import dataclass

import gin
import numpy as np
import pandas as pd

from fat_tf.errors import UserError, listed
from fat_tf.metrics.lwlrap import label_precision
from fat_tf.training.losses import cross_entropy_of_scores
from fat_tf.training.relabelling import check_scope

CRITERIA = ("loss", "lwlrap", "agreement", "both")


@gin.register
@dataclass(frozen=True)
class NoisySelection:
    """How noisy clips are ranked and chosen.

    Args:
        count: clips taken from the top of the ranking: a number, or below 1 a share of all noisy clips.
        cap: clips of one class at most, taken after the count: a number, or below 1 a share of the class' noisy
            clips; None: no cap. (50 of FSDKaggle2019's 300 are 1/6.)
        single_label: rank the clips with one label alone.
        criterion: "loss" (binary cross-entropy of the clip, ascending), "lwlrap" of the clip, "agreement" (folds
            whose top class is a label), or "both" of these two; ties are ranked by loss.
        scope: "all_folds": mean scores of all folds' models; "per_fold": each fold chooses with its own model, so
            that none of its validation clips was seen.

    Raises:
        UserError: a count or a cap that is neither a number of clips nor a share below 1, another criterion or scope.
    """

    count: float = 0.252
    cap: float | None = 1 / 6
    single_label: bool = True
    criterion: str = "loss"
    scope: str = "all_folds"

    def __post_init__(self):
        if self.count <= 0 or (self.cap is not None and self.cap <= 0):
            raise UserError(f"NoisySelection: count and cap must be above 0, not {self.count} and {self.cap}")
        for name, value in (("count", self.count), ("cap", self.cap or 0)):
            if value >= 1 and (value != int(value) or (isinstance(value, float) and value == 1)):  # 1.0: one, or all?
                raise UserError(
                    f"NoisySelection.{name} is a whole number of clips or a share below 1, not {value}; all of "
                    "them: a number as large as there are, and cap = None"
                )
        check_scope(self)
        if self.criterion not in CRITERIA:
            raise UserError(f"NoisySelection.criterion is one of {listed(CRITERIA)}, not {self.criterion!r}")

    def table(self, clips: pd.DataFrame, scores: np.ndarray, targets: np.ndarray) -> pd.DataFrame:
        """Rank noisy clips and choose the best.

        Args:
            clips: table with fname and labels.
            scores: (models, clips, classes) probabilities.
            targets: (clips, classes) of 0 and 1, the labels as given.

        Returns:
            A row a clip, in the order of `clips`: fname, labels, loss, rank (from 1; 0: not ranked), chosen.
        """
        loss = cross_entropy_of_scores(scores.mean(axis=0), targets)
        order = np.lexsort((loss, *self._keys(scores, targets)))
        if self.single_label:
            order = order[targets[order].sum(axis=1) == 1]
        rank = np.zeros(len(clips), int)
        rank[order] = np.arange(1, len(order) + 1)
        chosen = np.zeros(len(clips), bool)
        chosen[self._capped(order[: self._number(self.count, len(clips))], targets)] = True
        labels = clips["labels"].map(",".join)
        return pd.DataFrame({"fname": clips["fname"], "labels": labels, "loss": loss, "rank": rank, "chosen": chosen})

    def _keys(self, scores: np.ndarray, targets: np.ndarray) -> list[np.ndarray]:
        """What is ranked by before the loss, ascending, the strongest key last (np.lexsort)."""
        lwlrap = label_precision(targets > 0, scores.mean(axis=0)).sum(axis=1) / np.maximum(targets.sum(axis=1), 1)
        tops = scores.argmax(axis=2)
        agreement = np.mean([targets[np.arange(len(targets)), top] for top in tops], axis=0)
        keys = {"loss": [], "lwlrap": [-lwlrap], "agreement": [-agreement], "both": [-lwlrap, -agreement]}
        return keys[self.criterion]

    def _capped(self, ranked: np.ndarray, targets: np.ndarray) -> list[int]:
        """The first clips of each class, up to its cap."""
        if self.cap is None:
            return list(ranked)
        caps = np.array([self._number(self.cap, int(clips)) for clips in targets.sum(axis=0)])
        taken, kept = np.zeros(targets.shape[1]), []
        for clip in ranked:
            if (taken + targets[clip] <= caps).all():
                taken += targets[clip]
                kept.append(int(clip))
        return kept

    @staticmethod
    def _number(wanted: float, there: int) -> int:
        """A count as it is, a share of what is there rounded, to one at least."""
        return min(there, max(1, round(wanted * there)) if wanted < 1 else int(wanted))
