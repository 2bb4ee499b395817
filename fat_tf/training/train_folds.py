"""The folds of a run, one after the other: built, trained, scored."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from fat_tf import config
from fat_tf.models.device import resolve_precision
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.fold_state import clear_state, open_state
from fat_tf.training.fold_data import FoldData, fold_data
from fat_tf.training.fold_trainer import FoldTrainer, fold_stages
from fat_tf.training.networks import fold_networks
from fat_tf.training.progress import Progress
from fat_tf.training.recipe import Recipe
from fat_tf.training.results import score_fold
from fat_tf.training.run_data import RunData
from fat_tf.training.stage import unrolled
from fat_tf.training.summary import summary


def train_folds(
    recipe: Recipe, run: RunDirectory, run_data: RunData, folds: Sequence[int], noisy: Mapping[int, np.ndarray]
) -> None:
    """Train and score folds; those that are done are passed over.

    Args:
        noisy: rows of the chosen noisy clips by fold, where a stage takes the best ones.
    """
    precision = resolve_precision(recipe.precision)
    stages = [stage.name for stage in unrolled(recipe.stages)]
    done = run.folds_through(stages)
    of_folds = [fold_data(recipe, run_data, fold, noisy.get(fold)) for fold in folds if fold not in done]
    progress = Progress({data.number: _epochs_left(recipe, data, run.fold(data.number)) for data in of_folds})
    for place, data in enumerate(of_folds):
        networks = fold_networks(recipe, run_data, data, precision)
        if place == 0:
            run.write("operative_config.gin", config.operative())
            print(summary(recipe, run_data, networks, folds, precision, progress), flush=True)
        trainer = FoldTrainer(recipe, networks, data, run.fold(data.number), progress, precision)
        trainer.fit()
        score_fold(trainer, run_data)
    for fold in run.folds_through(stages):
        clear_state(run.fold(fold))


def _epochs_left(recipe: Recipe, data: FoldData, folder: Path) -> int:
    """Epochs of a fold that are still to do, at most: some are done, some spared by a stage that ended early."""
    stages, state = fold_stages(recipe, data), open_state(folder)
    names = [stage.name for stage in stages]
    first = names.index(state.stage) if state.stage else len(state.scored)
    return sum(stage.schedule.epochs for stage in stages[first:]) - len(state.losses(names[first]))
