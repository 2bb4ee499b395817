"""The trials of a sweep, looked at before the first of them is trained."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from fat_tf import config
from fat_tf.audio.front_end_check import check_front_end
from fat_tf.cluster.sweep import Sweep, Trial
from fat_tf.cluster.tasks import Resources, at_once
from fat_tf.data.builtin import open_dataset
from fat_tf.data.fold_assignment import assign_folds
from fat_tf.errors import UserError, counted, listed
from fat_tf.runs.directory import RunDirectory, check_holds
from fat_tf.runs.file_names import LOGS
from fat_tf.runs.own_parts import own_parts
from fat_tf.training.dry_run import dry_run
from fat_tf.training.fold_data import fold_data
from fat_tf.training.fold_trainer import fold_stages
from fat_tf.training.part_check import check_parts
from fat_tf.training.recipe import Recipe
from fat_tf.training.recipe_data import recipe_data
from fat_tf.training.run import chosen_folds
from fat_tf.training.run_data import RunData, fold_clips, load_run_data, sources_of

SWEEP_LOCK = "sweep.lock"
OWN = ("trial_", "sweep.", "best.gin", LOGS)  # how the names of what a sweep's folder holds begin
TRIED = 5  # trials that are built, until every name of the space was read by one


@dataclass(frozen=True)
class SweepPlan:
    """The trials of a sweep. by_last: whether they keep their last weights, whatever their best epoch was."""

    sweep: Sweep
    trials: tuple[Trial, ...]
    by_last: bool

    def in_words(self, resources: Resources, epochs: int) -> str:
        """What is going to be tried; `resources`: of a trial. epochs: of the longest, at most."""
        trials, names = counted(len(self.trials), "trial"), listed(self.sweep.space, len(self.sweep.space))
        together = f"{at_once(resources)} at once, at most {counted(epochs, 'epoch')} each"
        return f"{trials} of fold {self.sweep.fold}, {together}, of {names}"


@dataclass(frozen=True)
class Asked:
    """What trials need to know.

    folder: of the sweep. fold: that they train. by_last: as in `SweepPlan`. The rest are the configuration, and
    arguments of `fat_tf.training.train`. All places are absolute.
    """

    folder: Path
    fold: int
    by_last: bool
    gin_files: tuple[str, ...]
    gin_params: tuple[str, ...]
    data_dir: str | None
    cache_dir: str | None


@contextmanager
def swept_alone(folder: Path) -> Iterator[None]:
    """Keep another sweep out of a folder.

    Raises:
        UserError: one goes on there.
    """
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / SWEEP_LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise UserError(f"Another sweep goes on in {folder}: wait, or give another --run_dir") from error
    try:
        yield
    finally:
        (folder / SWEEP_LOCK).unlink(missing_ok=True)
        lock.release()
        if made:
            with suppress(OSError):  # it is in use
                folder.rmdir()


def plan_sweep(gin_files: Sequence[str], gin_params: Sequence[str], folder: Path) -> SweepPlan:
    """Draw the trials, and read the configuration of each.

    Args:
        gin_files, gin_params: of the sweep.
        folder: where the trials go.

    Raises:
        UserError: a folder of something else, what is wrong with the space, nothing to judge the trials by, one
            training on several devices.
        ConfigError: values that the recipe does not take.
    """
    check_holds(folder, OWN, "a sweep")
    config.load(gin_files, gin_params)
    if config.is_bound("Ensemble.members"):
        raise UserError("A sweep is of one model: give the file of one, like --gin_file=m1.gin, not of an ensemble")
    sweep = config.make("Sweep")
    trials = sweep.draw()
    recipes = [_recipe(trial, gin_files, gin_params) for trial in trials]
    if not all(recipe.inner_share for recipe in recipes):
        raise UserError(
            'A sweep is judged by clips held back from the training clips: --gin_param="Recipe.inner_share=0.2"'
        )
    if any(recipe.distribution for recipe in recipes):
        raise UserError("A trial is one process, and Recipe.distribution of several devices: leave one out")
    return SweepPlan(sweep, tuple(trials), any(recipe.last_weights for recipe in recipes))


def _recipe(trial: Trial, gin_files: Sequence[str], gin_params: Sequence[str]) -> Recipe:
    """A trial's recipe; it stays the parsed configuration."""
    config.load(gin_files, [*gin_params, *trial.bindings])
    return config.make("Recipe")


def check_trials(plan: SweepPlan, asked: Asked) -> int:
    """Load the features of the first trial, build networks, and look at trials that were begun before.

    Returns:
        Epochs of the longest trial, at most.

    Raises:
        UserError: what is wrong with the data or the recipe, a name of the space that nothing reads, a trial that was
            begun with other clips or another recipe.
    """
    first, dataset = _recipe(plan.trials[0], asked.gin_files, asked.gin_params), open_dataset(asked.data_dir)
    check_front_end(first.front_end)
    chosen_folds([asked.fold], fold_clips(dataset, sources_of(first), assign_folds).folds)
    check_parts(first, len(dataset.vocabulary))
    data = load_run_data(first, dataset, asked.cache_dir, sources_of(first), assign_folds)
    _check_all_read(plan, asked, data)
    epochs = []
    for trial in plan.trials:
        recipe, run = _recipe(trial, asked.gin_files, asked.gin_params), asked.folder / trial.name
        epochs.append(sum(stage.schedule.epochs for stage in fold_stages(recipe, fold_data(recipe, data, asked.fold))))
        if run.is_dir():
            tables = fold_clips(dataset, sources_of(recipe), assign_folds).tables(recipe)
            RunDirectory(run).check(recipe_data(recipe, None), tables, own_parts())
    return max(epochs)


def _check_all_read(plan: SweepPlan, asked: Asked, data: RunData) -> None:
    """Raise a UserError where a trial cannot be built, or nothing reads a name, which some trials alone may do."""
    left = config.unread([*asked.gin_params, *plan.sweep.space])  # but for what the data and features were read by
    for trial in plan.trials[:TRIED]:
        dry_run(_recipe(trial, asked.gin_files, asked.gin_params), data, asked.fold, ())
        left = config.unread(left)
        if not left:
            return
    raise UserError(f"Nothing in these runs reads {listed(left)}")
