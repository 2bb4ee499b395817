"""A whole run: features, folds, training, scores, metrics."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from fat_tf import config
from fat_tf.audio.front_end_check import check_front_end
from fat_tf.data.builtin import open_dataset
from fat_tf.data.cache import Add
from fat_tf.errors import UserError, listed
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.file_names import OPERATIVE_CONFIG
from fat_tf.runs.own_parts import own_parts
from fat_tf.training.dry_run import dry_run
from fat_tf.training.executor import Executor
from fat_tf.training.inputs import Inputs
from fat_tf.training.part_check import check_parts
from fat_tf.training.recipe import Recipe
from fat_tf.training.recipe_data import recipe_data
from fat_tf.training.results import write_results
from fat_tf.training.run_data import (
    FoldedClips,
    RunData,
    fold_clips,
    load_features,
    load_run_data,
    report_bad,
    sources_of,
    warn_of_same_sounds,
)
from fat_tf.training.run_start import Origin, as_begun, begin, finished_metrics, origin_of
from fat_tf.training.scorers import check_scorers, needed_folds, scorer_below, warn_of_larger
from fat_tf.training.summary import closing
from fat_tf.training.workers import agree_on_judged, agree_on_run, chief_first, joined, writes


def train(
    recipe: Recipe,
    run_dir: str | Path,
    inputs: Inputs = Inputs(),  # noqa: B008 (it is frozen)
    gin_params: Sequence[str] = (),
    executor: Executor = Executor(),  # noqa: B008 (it holds nothing)
) -> dict[str, object]:
    """Train and score the folds of a data set; goes on where an earlier call on the same folder stopped.

    Stages that were appended to the recipe's list since then are trained from the weights that are there.

    Args:
        recipe: what is trained, and how.
        run_dir: where everything is written.
        inputs: where the data are, and which folds are trained.
        gin_params: bindings of the command line, each of which must be read by something.
        executor: does the long work, in this process or elsewhere.

    Returns:
        The metrics, as in metrics.json; none in a worker that is not the chief of a distribution.

    Raises:
        UserError: for everything that the user can mend. A folder that training has not begun in is as it was.
    """
    if recipe.distribution and type(executor) is not Executor:
        raise UserError(
            "Folds as tasks (--executor) and one training on several devices (Recipe.distribution): choose one"
        )
    if recipe.deterministic:
        tf.config.experimental.enable_op_determinism()
    with joined(recipe, run_dir) as folder:
        check_front_end(recipe.front_end)
        dataset = open_dataset(inputs.data_dir)
        run = RunDirectory(folder)
        with run.lock():
            dataset, assign, folds_from = as_begun(recipe, run, dataset, inputs.folds_from)
            folded = fold_clips(dataset, sources_of(recipe), assign)
            chosen = chosen_folds(inputs.folds if inputs.folds is not None else recipe.folds, folded.folds)
            agree_on_run(recipe, run, folded, chosen)
            origin = origin_of(inputs.data_dir, folds_from)

            def features() -> RunData:
                with chief_first(recipe):
                    data = load_run_data(recipe, dataset, inputs.cache_dir, sources_of(recipe), assign)
                warn_of_same_sounds(data)
                return data

            metrics = _train(recipe, run, folded, chosen, features, origin, gin_params, executor)
            print(closing(metrics), flush=True)
    return metrics if writes(recipe) else {}


def _train(
    recipe: Recipe,
    run: RunDirectory,
    folded: FoldedClips,
    folds: list[int],
    features: Callable[[], RunData],
    origin: Origin,
    gin_params: Sequence[str],
    executor: Executor,
) -> dict[str, object]:
    """The one door to a run's folder, which is locked: checks, training, results; returns the metrics.

    Args:
        folded: the clips as far as they are known without their features.
        features: loads them.
    """
    run.check(recipe_data(recipe, None), folded.tables(recipe), own_parts())
    if metrics := finished_metrics(recipe, run, folded, folds):
        print(f"Nothing to do: {run.folder} has all of fold {listed(folds)}", flush=True)
        return metrics
    check_scorers(recipe, run, folded, folds)
    check_parts(recipe, len(folded.dataset.vocabulary))
    data = features()
    network = dry_run(recipe, data, folds[0], gin_params)
    begin(recipe, run, data, origin, network)
    warn_of_larger(recipe, run, network)

    if recipe.judged_parts and not recipe.scorer_run:
        _train_scorer(recipe, run, data, folds, origin, executor)
    judged = executor.judge_clips(recipe, run, data, folds) if recipe.judged_parts else {}
    agree_on_judged(recipe, judged)
    executor.train_folds(recipe, run, data, folds, judged)
    run.write(OPERATIVE_CONFIG, config.operative())
    return write_results(recipe, run, data)


def _train_scorer(
    recipe: Recipe, run: RunDirectory, data: RunData, folds: list[int], origin: Origin, executor: Executor
) -> None:
    """Train, below a run's folder, the model that judges its clips."""
    scorer, its_folds = scorer_below(run), needed_folds(recipe, data.folds, folds)
    print(f"Training the scorer in {scorer.folder}", flush=True)
    with scorer.lock():
        _train(recipe.scorer(), scorer, data.folded, its_folds, lambda: data, origin, (), executor)


def chosen_folds(folds: Sequence[int] | None, folds_of_clips: np.ndarray) -> list[int]:
    """The numbers of the folds to train, sorted; None are all that the clips (clips,) have.

    Raises:
        UserError: one that is not there, or none.
    """
    there = range(folds_of_clips.max() + 1)
    chosen = list(there if folds is None else folds)
    if not chosen or not set(chosen) <= set(there):
        raise UserError(f"Folds are {there.start} to {there.stop - 1}, not {chosen}")
    return sorted(set(chosen))


def prepare(
    recipe: Recipe,
    data_dir: str | Path | None = None,
    cache_dir: str | Path | None = None,
    add: Add | None = None,
) -> str:
    """Decode every clip of a data set, noisy ones included, and compute its log-mels into the cache.

    `add`: computes those that are missing elsewhere, as in `FeatureCache.ensure`.

    Returns:
        What there is now, in a line.

    Raises:
        UserError: as `train`, after every file has been checked.
    """
    check_front_end(recipe.front_end)
    dataset = open_dataset(data_dir)
    index, bad = load_features(recipe, list(dataset.clips["path"]), cache_dir, add)
    report_bad(bad, recipe.unreadable)
    hours = index["samples"].sum() / recipe.front_end.sample_rate / 3600
    return f"{len(index)} clips, {hours:.2f} h of sound after trimming and padding, {index['frames'].sum():,} frames"
