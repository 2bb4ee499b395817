"""Where the long work of a run is done."""

from collections.abc import Callable, Mapping, Sequence

from fat_tf.runs.directory import RunDirectory
from fat_tf.training.recipe import Recipe
from fat_tf.training.run_data import RunData
from fat_tf.training.scorers import ScorerVerdict, judge_clips
from fat_tf.training.train_folds import train_folds


class Executor:
    """Does it in this process, fold after fold; `fat_tf.cluster` has one that does it in others.

    Args:
        after_epoch: called whenever an epoch may have ended, when all of it is on disk.
    """

    def __init__(self, after_epoch: Callable[[], None] = lambda: None):
        self._after_epoch = after_epoch

    def judge_clips(
        self, recipe: Recipe, run: RunDirectory, data: RunData, folds: Sequence[int]
    ) -> Mapping[int, ScorerVerdict]:
        """As the function of this name."""
        return judge_clips(recipe, run, data, folds)

    def train_folds(
        self,
        recipe: Recipe,
        run: RunDirectory,
        data: RunData,
        folds: Sequence[int],
        judged: Mapping[int, ScorerVerdict],
    ) -> None:
        """As the function of this name."""
        train_folds(recipe, run, data, folds, judged, self._after_epoch)
