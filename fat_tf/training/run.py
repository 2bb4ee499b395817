"""A whole run: features, folds, training, scores, report."""

from collections.abc import Sequence
from pathlib import Path

import keras
import pandas as pd
import tensorflow as tf

from fat_tf import config
from fat_tf.errors import UserError
from fat_tf.training.device import dtype_policy, resolve_precision
from fat_tf.training.fold import FoldData, fit_fold
from fat_tf.training.material import Material, bad_files_table, features, gather, read_or_make, report_bad
from fat_tf.training.network import build_networks
from fat_tf.training.progress import Progress
from fat_tf.training.recipe import Recipe
from fat_tf.training.report import closing, summary
from fat_tf.training.results import collect, score_fold
from fat_tf.training.run_directory import RunDirectory


def train(
    recipe: Recipe,
    run_dir: str | Path,
    data_dir: str | Path | None = None,
    cache_dir: str | Path | None = None,
    folds: Sequence[int] | None = None,
    gin_params: Sequence[str] = (),
) -> dict[str, object]:
    """Train and score the folds of a data set; goes on where an earlier call on the same folder stopped.

    Args:
        recipe: what is trained, and how.
        run_dir: where everything is written.
        data_dir: the data set; None for the built-in one.
        cache_dir: of log-mels; None for the user's cache folder.
        folds: their numbers, if not all that the recipe names.
        gin_params: bindings of the command line, each of which must be read by something.

    Returns:
        The metrics, as in metrics.json.

    Raises:
        UserError: for everything that the user can mend.
    """
    if recipe.deterministic:
        tf.config.experimental.enable_op_determinism()
    dataset = read_or_make(data_dir)
    run = RunDirectory(run_dir)
    run.begin()
    material = gather(recipe, dataset, cache_dir)
    folds = _chosen(folds if folds is not None else recipe.folds, material)
    if material.bad:
        run.write("bad_files.csv", bad_files_table(material.bad))
    curated = material.clips.iloc[material.curated]
    run.settle(material.dataset.vocabulary, curated["fname"], material.folds, curated["fold"])
    _train_folds(recipe, run, material, folds, gin_params)
    run.write("operative_config.gin", config.operative())
    metrics = collect(recipe, run, material)
    print(closing(metrics, run.folder), flush=True)
    return metrics


def _chosen(folds: Sequence[int] | None, material: Material) -> list[int]:
    there = range(material.folds.max() + 1)
    chosen = list(there if folds is None else folds)
    if not chosen or not set(chosen) <= set(there):
        raise UserError(f"Folds are {there.start} to {there.stop - 1}, not {chosen}")
    return sorted(set(chosen))


def _train_folds(
    recipe: Recipe, run: RunDirectory, material: Material, folds: list[int], gin_params: Sequence[str]
) -> None:
    precision = resolve_precision(recipe.precision)
    progress = None
    for fold in folds:
        keras.backend.clear_session()
        keras.utils.set_random_seed(recipe.seed + fold)
        data = _fold_data(material, fold)
        with dtype_policy(precision):
            networks = build_networks(recipe, data.source, data.targets.shape[1], _statistics(recipe, material, data))
        if progress is None:
            config.check_all_read(gin_params)
            run.write("operative_config.gin", config.operative())
            progress = Progress(folds, recipe.epochs, {f: _epochs_done(run.fold(f)) for f in folds})
            print(summary(recipe, material, networks, folds, precision, progress), flush=True)
        fit_fold(recipe, networks, data, run.fold(fold), progress)
        score_fold(recipe, networks, data, material, run.fold(fold))


def _fold_data(material: Material, fold: int) -> FoldData:
    held_out = material.folds == fold
    rows = material.curated
    return FoldData(fold, material.source, material.targets, rows[~held_out], rows[held_out])


def _statistics(recipe: Recipe, material: Material, data: FoldData) -> tuple[float, float] | None:
    """(mean, deviation) in dB that the normalisation takes, or None for each picture's own."""
    if recipe.normalisation == "clip":
        return None
    if recipe.normalisation == "training_set":
        return material.statistics(data.training)
    return tuple(recipe.normalisation)


def _epochs_done(folder: Path) -> int:
    history = folder / "history.csv"
    return len(pd.read_csv(history)) if history.exists() else 0


def prepare(
    recipe: Recipe,
    data_dir: str | Path | None = None,
    cache_dir: str | Path | None = None,
    gin_params: Sequence[str] = (),
) -> str:
    """Decode every clip of a data set, noisy ones included, and compute its log-mels into the cache.

    Returns:
        What there is now, in a line.

    Raises:
        UserError: as `train`, after every file has been checked.
    """
    dataset = read_or_make(data_dir)
    index, bad = features(recipe, list(dataset.clips["path"]), cache_dir)
    config.check_all_read(gin_params)
    report_bad(bad, recipe.unreadable)
    hours = index["samples"].sum() / recipe.front_end.sample_rate / 3600
    return f"{len(index)} clips, {hours:.2f} h of sound after trimming and padding, {index['frames'].sum():,} frames"
