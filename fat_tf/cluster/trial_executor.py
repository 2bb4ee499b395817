"""Trains the fold of a trial in this process, and tells of each epoch."""

from collections.abc import Callable, Mapping, Sequence

from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.progress_file import ProgressNote, remove_progress, write_progress
from fat_tf.training.executor import Executor
from fat_tf.training.recipe import Recipe
from fat_tf.training.run_data import RunData
from fat_tf.training.scorers import Judged
from fat_tf.training.train_folds import folds_left, train_these


class TrialExecutor(Executor):
    """As the local one.

    Args:
        told: called whenever an epoch may have ended, when all of it is on disk.
    """

    def __init__(self, told: Callable[[], None]):
        self._told = told

    def train_folds(
        self, recipe: Recipe, run: RunDirectory, data: RunData, folds: Sequence[int], judged: Mapping[int, Judged]
    ) -> None:
        """As the function of this name."""

        def note(progress: ProgressNote) -> None:
            write_progress(run.folder, progress)
            self._told()

        train_these(recipe, run, data, folds_left(recipe, run, folds), judged, note, introduced=folds)
        remove_progress(run.folder)
