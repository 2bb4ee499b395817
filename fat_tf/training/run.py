"""A whole run: features, folds, training, scores, report."""

from collections.abc import Sequence
from pathlib import Path

import tensorflow as tf

from fat_tf import config
from fat_tf.data.builtin import open_dataset
from fat_tf.errors import UserError
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.own_parts import keep_parts
from fat_tf.training.dry_run import dry_run
from fat_tf.training.noisy_scores import choose_noisy
from fat_tf.training.recipe import Recipe
from fat_tf.training.results import write_results
from fat_tf.training.run_data import RunData, bad_files_table, load_features, load_run_data, report_bad
from fat_tf.training.summary import closing
from fat_tf.training.train_folds import train_folds

SOURCES, NOISY = ("curated", "test"), ("noisy",)


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
    dataset = open_dataset(data_dir)
    run = RunDirectory(run_dir)
    with run.lock():
        run.begin()
        data = load_run_data(recipe, dataset, cache_dir, SOURCES + (NOISY if recipe.uses_noisy else ()))
        folds = _chosen(folds if folds is not None else recipe.folds, data)
        _check_or_write_clips(run, data)
        dry_run(recipe, data, folds[0], gin_params)
        keep_parts(run.folder)
        noisy = choose_noisy(recipe, run, data, folds) if recipe.selects else {}
        train_folds(recipe, run, data, folds, noisy)
        run.write("operative_config.gin", config.operative())
        metrics = write_results(recipe, run, data)
    print(closing(metrics, run.folder), flush=True)
    return metrics


def _check_or_write_clips(run: RunDirectory, data: RunData) -> None:
    """Write what was found, or check that it is what the run was begun with."""
    if data.bad:
        run.write("bad_files.csv", bad_files_table(data.bad))
    curated = data.clips.iloc[data.curated]
    run.check_or_write_clips(data.dataset.vocabulary, curated["fname"], data.folds, curated["fold"])


def _chosen(folds: Sequence[int] | None, data: RunData) -> list[int]:
    there = range(data.folds.max() + 1)
    chosen = list(there if folds is None else folds)
    if not chosen or not set(chosen) <= set(there):
        raise UserError(f"Folds are {there.start} to {there.stop - 1}, not {chosen}")
    return sorted(set(chosen))


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
    dataset = open_dataset(data_dir)
    index, bad = load_features(recipe, list(dataset.clips["path"]), cache_dir)
    config.check_all_read(gin_params)
    report_bad(bad, recipe.unreadable)
    hours = index["samples"].sum() / recipe.front_end.sample_rate / 3600
    return f"{len(index)} clips, {hours:.2f} h of sound after trimming and padding, {index['frames'].sum():,} frames"
