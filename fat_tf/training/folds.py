"""The folds of a run, one after the other: built, trained, scored."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from fat_tf import config
from fat_tf.training.device import dtype_policy, resolve_precision
from fat_tf.training.fold import Fold, FoldData, fold_stages, load_start
from fat_tf.training.material import Material
from fat_tf.training.network import Networks, build_networks, training_model
from fat_tf.training.progress import Progress
from fat_tf.training.recipe import Recipe
from fat_tf.training.report import summary
from fat_tf.training.results import score_fold
from fat_tf.training.run_directory import RunDirectory
from fat_tf.training.stage import BEST, FRESH, LAST, unrolled


def rehearse(recipe: Recipe, material: Material, fold: int, gin_params: Sequence[str]) -> None:
    """Build all that the stages of a run need, so that what is wrong, or was not read, shows before any training.

    Raises:
        UserError: a value that something refuses, weights that do not fit, a binding that nothing read.
    """
    networks = _built(recipe, material, fold_data(recipe, material, fold), resolve_precision(recipe.precision))
    for stage in unrolled(recipe.stages):
        training_model(recipe, stage, networks, material.source)
        if stage.start not in (FRESH, LAST, BEST):
            load_start(networks, stage)
    config.check_all_read(gin_params)


def train_folds(
    recipe: Recipe, run: RunDirectory, material: Material, folds: Sequence[int], noisy: Mapping[int, np.ndarray]
) -> None:
    """Train and score folds; those that are done are passed over.

    Args:
        noisy: rows of the chosen noisy clips by fold, where a stage takes the best ones.
    """
    precision = resolve_precision(recipe.precision)
    of_folds = [fold_data(recipe, material, fold, noisy.get(fold)) for fold in folds]
    progress = Progress({data.number: _epochs_left(recipe, data, run.fold(data.number)) for data in of_folds})
    for place, data in enumerate(of_folds):
        fold = data.number
        networks = _built(recipe, material, data, precision)
        if place == 0:
            run.write("operative_config.gin", config.operative())
            print(summary(recipe, material, networks, folds, precision, progress), flush=True)
        trained = Fold(recipe, networks, data, run.fold(fold), progress, precision)
        trained.fit()
        score_fold(trained, material)


def _built(recipe: Recipe, material: Material, data: FoldData, precision: str) -> Networks:
    """The fold's models with fresh weights."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(recipe.seed + data.number)
    statistics = _statistics(recipe, material, data)
    with dtype_policy(precision):
        return build_networks(recipe, data.source, data.targets.shape[1], statistics)


def fold_data(recipe: Recipe, material: Material, fold: int, chosen: np.ndarray | None = None) -> FoldData:
    """The clips of a fold; `chosen`: rows of its best noisy clips."""
    of_fold = material.folds == fold
    curated, held_out = material.curated[~of_fold], material.curated[of_fold]
    validation = held_out
    if recipe.inner_share:
        curated, validation = inner_split(curated, material.targets, recipe.inner_share, recipe.seed + fold)
    training = {"curated": curated, "noisy": material.noisy, "curated+noisy": np.append(curated, material.noisy)}
    if chosen is not None:
        training["curated+best"] = np.append(curated, chosen)
    names = material.clips["fname"].to_numpy()
    return FoldData(fold, material.source, material.targets, names, training, validation, held_out)


def inner_split(rows: np.ndarray, targets: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(rows to train on, rows to choose the checkpoint by), stratified on the label with the lowest class index."""
    splits = StratifiedKFold(round(1 / share), shuffle=True, random_state=seed)
    train, inner = next(splits.split(rows, targets[rows].argmax(axis=1)))
    return rows[train], rows[inner]


def _statistics(recipe: Recipe, material: Material, data: FoldData) -> tuple[float, float] | None:
    """(mean, deviation) in dB that the normalisation takes, or None for each picture's own."""
    if recipe.normalisation == "clip":
        return None
    if recipe.normalisation == "training_set":
        return material.statistics(data.training["curated"])
    return tuple(recipe.normalisation)


def _epochs_left(recipe: Recipe, data: FoldData, folder: Path) -> int:
    """Epochs of a fold that are still to do, at most: some are done, some spared by a stage that ended early."""
    stages, history = fold_stages(recipe, data), folder / "history.csv"
    if not history.exists():
        return sum(stage.schedule.epochs for stage in stages)
    done = pd.read_csv(history)["stage"].tolist()
    reached = [stage.name for stage in stages].index(done[-1])
    return sum(stage.schedule.epochs for stage in stages[reached:]) - done.count(done[-1])
