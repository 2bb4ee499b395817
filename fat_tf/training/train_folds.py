"""The folds of a run, one after the other: built, trained, scored."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from fat_tf import config
from fat_tf.data.batches import count_windows
from fat_tf.errors import counted, listed
from fat_tf.notices import warn
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.file_names import OPERATIVE_CONFIG
from fat_tf.runs.fold_state import clear_state, open_state
from fat_tf.runs.progress_file import ProgressNote, remove_progress, write_progress
from fat_tf.training.board.profile import check_viewer
from fat_tf.training.board.run_board import RunBoard
from fat_tf.training.fold_data import FoldData, fold_data
from fat_tf.training.fold_trainer import FoldTrainer, fold_stages, planned_steps, steps_of_epoch
from fat_tf.training.networks import fold_networks
from fat_tf.training.progress import Progress
from fat_tf.training.recipe import Recipe
from fat_tf.training.results import score_fold
from fat_tf.training.run_data import RunData
from fat_tf.training.scorers import ScorerVerdict
from fat_tf.training.stage import unrolled
from fat_tf.training.summary import summary
from fat_tf.training.time_left import FoldWork, StageWork

FEW_STEPS = 300  # what was measured in docs/recognition.md had as many, and more


def train_folds(
    recipe: Recipe,
    run: RunDirectory,
    run_data: RunData,
    folds: Sequence[int],
    judged: Mapping[int, ScorerVerdict],
    after_epoch: Callable[[], None],
) -> None:
    """Train and score folds one after the other in this process; those that are done are passed over.

    Args:
        judged: what scorers say of the clips, by fold, where a stage asks for it.
        after_epoch: called when a fold begins, and after each epoch.
    """

    def note(progress: ProgressNote) -> None:
        write_progress(run.folder, progress)
        after_epoch()

    left = folds_left(recipe, run, folds)
    if left:
        warn_of_few_steps(recipe, fold_data(recipe, run_data, left[0], judged.get(left[0])))
    train_these(recipe, run, run_data, left, judged, note, introduced=folds)
    remove_progress(run.folder)


def folds_left(recipe: Recipe, run: RunDirectory, folds: Sequence[int]) -> list[int]:
    """Those that are not done; says which ones are."""
    done = run.folds_through([stage.name for stage in unrolled(recipe.stages)])
    for fold in done:  # a stop may have come between its scores and this
        clear_state(run.fold(fold))
    if before := [fold for fold in folds if fold in done]:
        print(f"Done before: fold {listed(before)}", flush=True)
    return [fold for fold in folds if fold not in done]


def train_these(
    recipe: Recipe,
    run: RunDirectory,
    run_data: RunData,
    folds: Sequence[int],
    judged: Mapping[int, ScorerVerdict],
    note: Callable[[ProgressNote], None],
    introduced: Sequence[int] = (),
) -> None:
    """Train and score folds that are not done.

    Args:
        judged: as of `train_folds`.
        note: called with how far they are.
        introduced: all folds of the run, which is shown before the first one is trained, in words and in TensorBoard;
            none where that is another one's task.
    """
    of_folds = [fold_data(recipe, run_data, fold, judged.get(fold)) for fold in folds]
    work = {data.number: fold_work(recipe, run_data, data, run.fold(data.number)) for data in of_folds}
    progress = Progress(work, recipe.batch_size, note)
    if recipe.profile and of_folds:
        check_viewer()
    for data in of_folds:
        progress.fold_begins(data.number)
        networks = fold_networks(recipe, run_data, data)
        trainer = FoldTrainer(recipe, networks, data, run.fold(data.number), progress)
        if introduced and data is of_folds[0]:
            run.write(OPERATIVE_CONFIG, config.operative())
            print(summary(recipe, run_data, networks, introduced), flush=True)
            RunBoard(run, recipe.board).begin(run_data, networks, trainer.score.graph)
        trainer.fit()
        score_fold(trainer, run_data)
        clear_state(trainer.folder)
        progress.fold_done(data.number)


def warn_of_few_steps(recipe: Recipe, data: FoldData) -> None:
    """Say so where a fold takes few optimiser steps."""
    if 0 < (steps := planned_steps(recipe, data)) < FEW_STEPS:
        warn(
            f"a fold takes {counted(steps, 'optimiser step')}, refits aside, which are few: take more epochs (EPOCHS), "
            "smaller batches (BATCH_SIZE), or larger Stage.steps where a stage has them (docs/recipes.md, small sets)"
        )


def fold_work(recipe: Recipe, run_data: RunData, data: FoldData, folder: Path) -> FoldWork:
    """What is still to do in a fold, at most: some epochs are done, some spared by a stage that ended early."""
    stages, state = fold_stages(recipe, data), open_state(folder)
    first = [stage.name for stage in stages].index(state.stage) if state.stage else len(state.scored)
    left = [
        StageWork(steps_of_epoch(recipe, data, stage), stage.schedule.epochs - len(state.losses(stage.name)))
        for stage in stages[first:]
    ]
    judged = [data.validation, *([data.held_out] if recipe.inner_share else [])]
    validation = sum(count_windows(data.source, rows, recipe.validation_windows) for rows in judged)
    scores = sum(count_windows(data.source, rows, recipe.windows) for rows in (data.held_out, run_data.test))
    return FoldWork(left, validation, scores)
