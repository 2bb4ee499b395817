"""The trials of a sweep, looked at before the first of them is trained."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fat_tf import config
from fat_tf.cluster.sweep import Sweep, Trial
from fat_tf.cluster.tasks import LOGS, Resources, at_once
from fat_tf.data.builtin import open_dataset
from fat_tf.data.fold_assignment import assign_folds
from fat_tf.errors import UserError, counted, listed
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.file_names import LOCK
from fat_tf.runs.own_parts import own_parts
from fat_tf.training.dry_run import dry_run
from fat_tf.training.recipe import Recipe
from fat_tf.training.recipe_data import recipe_data
from fat_tf.training.run import chosen_folds
from fat_tf.training.run_data import RunData, load_run_data, sources_of
from fat_tf.training.stage import unrolled

OWN = ("trial_", "sweep.", "best.gin", LOGS, LOCK, "tune")  # how the names of what a sweep's folder holds begin


@dataclass(frozen=True)
class Asked:
    """What a trial needs to know: folder of the sweep, and the arguments of `fat_tf.training.train`."""

    folder: Path
    fold: int
    gin_files: tuple[str, ...]
    gin_params: tuple[str, ...]
    data_dir: str | None
    cache_dir: str | None


@dataclass(frozen=True)
class SweepPlan:
    """The trials of a sweep. epochs: of the longest, at most."""

    sweep: Sweep
    trials: tuple[Trial, ...]
    epochs: int

    def in_words(self, resources: Resources) -> str:
        """What is going to be tried; `resources`: of a trial."""
        trials, epochs = counted(len(self.trials), "trial"), counted(self.epochs, "epoch")
        names = listed(self.sweep.space, len(self.sweep.space))
        return f"{trials} of fold {self.sweep.fold}, {at_once(resources)} at once, at most {epochs} each, of {names}"


def plan_sweep(gin_files: Sequence[str], gin_params: Sequence[str], folder: Path) -> SweepPlan:
    """Draw the trials, and read the configuration of each.

    Args:
        gin_files, gin_params: of the sweep.
        folder: where the trials go.

    Raises:
        UserError: a folder of something else, what is wrong with the space, nothing to judge the trials by.
        ConfigError: values that the recipe does not take.
    """
    _check_folder(folder)
    config.load(gin_files, gin_params)
    sweep = config.make("Sweep")
    trials = sweep.draw()
    recipes = [recipe_of(trial, gin_files, gin_params) for trial in trials]
    if not all(recipe.inner_share for recipe in recipes):
        raise UserError(
            'A sweep is judged by clips held back from the training clips: --gin_param="Recipe.inner_share=0.2"'
        )
    epochs = (sum(stage.schedule.epochs for stage in unrolled(recipe.stages)) for recipe in recipes)
    return SweepPlan(sweep, tuple(trials), max(epochs))


def recipe_of(trial: Trial, gin_files: Sequence[str], gin_params: Sequence[str]) -> Recipe:
    """A trial's recipe; it stays the parsed configuration."""
    config.load(gin_files, [*gin_params, *trial.bindings])
    return config.make("Recipe")


def try_first(plan: SweepPlan, asked: Asked) -> None:
    """Load the features, which all trials share, and try the first trial's training step.

    Raises:
        UserError: what is wrong with the data, the recipe, or a binding that nothing reads; a trial that was begun
            with other clips or another recipe.
    """
    first, *others = plan.trials
    recipe = recipe_of(first, asked.gin_files, asked.gin_params)
    data = load_run_data(recipe, open_dataset(asked.data_dir), asked.cache_dir, sources_of(recipe), assign_folds)
    chosen_folds([asked.fold], data.folds)
    dry_run(recipe, data, asked.fold, [*asked.gin_params, *first.bindings])
    _check(asked.folder / first.name, recipe, data)
    for trial in others:
        _check(asked.folder / trial.name, recipe_of(trial, asked.gin_files, asked.gin_params), data)


def _check(folder: Path, recipe: Recipe, data: RunData) -> None:
    if folder.is_dir():
        RunDirectory(folder).check(recipe_data(recipe, None), data.folded.tables(recipe), own_parts())


def _check_folder(folder: Path) -> None:
    names = [place.name for place in folder.iterdir()] if folder.is_dir() else []
    if other := sorted(name for name in names if not name.startswith(OWN)):
        raise UserError(f"{folder} holds something else than a sweep ({listed(other, 3)}): choose another --run_dir")
