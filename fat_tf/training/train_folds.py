"""The folds of a run, one after the other: built, trained, scored."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fat_tf import config
from fat_tf.models.device import resolve_precision
from fat_tf.runs.directory import RunDirectory
from fat_tf.training.fold_data import FoldData, fold_data
from fat_tf.training.fold_trainer import FoldTrainer, fold_stages
from fat_tf.training.networks import fold_networks
from fat_tf.training.progress import Progress
from fat_tf.training.recipe import Recipe
from fat_tf.training.results import score_fold
from fat_tf.training.run_data import RunData
from fat_tf.training.summary import summary


def train_folds(
    recipe: Recipe, run: RunDirectory, run_data: RunData, folds: Sequence[int], noisy: Mapping[int, np.ndarray]
) -> None:
    """Train and score folds; those that are done are passed over.

    Args:
        noisy: rows of the chosen noisy clips by fold, where a stage takes the best ones.
    """
    precision = resolve_precision(recipe.precision)
    of_folds = [fold_data(recipe, run_data, fold, noisy.get(fold)) for fold in folds]
    progress = Progress({data.number: _epochs_left(recipe, data, run.fold(data.number)) for data in of_folds})
    for place, data in enumerate(of_folds):
        networks = fold_networks(recipe, run_data, data, precision)
        if place == 0:
            run.write("operative_config.gin", config.operative())
            print(summary(recipe, run_data, networks, folds, precision, progress), flush=True)
        trainer = FoldTrainer(recipe, networks, data, run.fold(data.number), progress, precision)
        trainer.fit()
        score_fold(trainer, run_data)


def _epochs_left(recipe: Recipe, data: FoldData, folder: Path) -> int:
    """Epochs of a fold that are still to do, at most: some are done, some spared by a stage that ended early."""
    stages, history = fold_stages(recipe, data), folder / "history.csv"
    if not history.exists():
        return sum(stage.schedule.epochs for stage in stages)
    done = pd.read_csv(history)["stage"].tolist()
    reached = [stage.name for stage in stages].index(done[-1])
    return sum(stage.schedule.epochs for stage in stages[reached:]) - done.count(done[-1])
