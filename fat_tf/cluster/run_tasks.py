"""What a worker does of a run, whose folder, configuration included, it shares with the program that asks for it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import tensorflow as tf
from filelock import FileLock, Timeout

from fat_tf import config
from fat_tf.errors import UserError, listed
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.file_names import CONFIG, LOCK
from fat_tf.runs.recipe_changes import recipe_changes
from fat_tf.training.recipe import Recipe
from fat_tf.training.recipe_data import recipe_data
from fat_tf.training.run_data import RunData, clip_source
from fat_tf.training.scorers import ScorerVerdict, judge_clips
from fat_tf.training.train_folds import folds_left, train_these

LEFT = 60.0  # seconds that the worker of a program that was killed has to notice it


def train_fold(
    folder: Path,
    said: Mapping[str, object],
    data: RunData,
    fold: int,
    judged: ScorerVerdict | None,
    introduced: Sequence[int],
) -> None:
    """Train and score a fold, or what is left of it.

    Args:
        folder: of the run.
        said: its recipe as data.
        data: without its source.
        fold: its number.
        judged: what scorers say of its clips.
        introduced: as in `train_these`.
    """
    recipe, run = _recipe_of(folder, said), RunDirectory(folder)
    data = replace(data, source=clip_source(recipe, data.index))
    with _alone_in(run.fold(fold)):
        left = folds_left(recipe, run, [fold])
        train_these(recipe, run, data, left, {fold: judged} if judged else {}, lambda _: None, introduced)


def judge(folder: Path, said: Mapping[str, object], data: RunData, folds: Sequence[int]) -> dict[int, ScorerVerdict]:
    """What scorers, which are trained, say of each fold's clips; arguments as of `train_fold`."""
    recipe = _recipe_of(folder, said)
    data = replace(data, source=clip_source(recipe, data.index))
    return judge_clips(recipe, RunDirectory(folder), data, folds)


def _recipe_of(folder: Path, said: Mapping[str, object]) -> Recipe:
    """The recipe of the configuration that a run keeps, or that of its scorer: the one that says this."""
    config.load([str(folder / CONFIG)])
    recipe = config.make("Recipe")
    recipes = [recipe, *([recipe.scorer()] if recipe.scorer_stages else [])]
    found = [one for one in recipes if _same(recipe_data(one, None), said)]
    if not found:
        changes = recipe_changes(dict(said), recipe_data(recipe, None))
        raise UserError(f"A worker finds another recipe in {folder / 'config.gin'}: {listed(changes)}")
    if recipe.deterministic:
        tf.config.experimental.enable_op_determinism()
    return found[0]


def _same(first: Mapping[str, object], second: Mapping[str, object]) -> bool:
    """Whether two recipes say the same; what depends on the device where it is left open does not count."""
    by_device = {"precision": None, "jit_compile": None}
    return first | by_device == second | by_device


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep a second worker out of a fold: one may outlive, for seconds, the program that asked for its work."""
    folder.mkdir(exist_ok=True)
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=LEFT)
    except Timeout as error:
        raise UserError(f"Another worker trains {folder}: end it, and start the same command again") from error
    try:
        yield
    finally:
        (folder / LOCK).unlink(missing_ok=True)
        lock.release()
