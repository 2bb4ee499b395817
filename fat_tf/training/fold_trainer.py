"""One fold: its stages one after the other, on the same weights."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from fat_tf.data.batches import batch_rows, steps_per_epoch, training_batches
from fat_tf.data.cache import checksums_hold
from fat_tf.data.drawn_rows import all_rows
from fat_tf.data.sources import on_host
from fat_tf.errors import UserError
from fat_tf.metrics import overall_lwlrap
from fat_tf.models.device import dtype_policy
from fat_tf.runs.file_names import MODEL
from fat_tf.runs.fold_state import HELD_OUT, open_state, restore_variables
from fat_tf.training.batch_statistics import ENOUGH, renew_statistics
from fat_tf.training.board.clips import ValidationClips
from fat_tf.training.board.entering import entering
from fat_tf.training.board.fold_board import Epoch, FoldBoard
from fat_tf.training.board.profile import Profile, warn_beyond
from fat_tf.training.board.words import stage_in_words
from fat_tf.training.callbacks import LearningRate, NotFinite, Row, ValidateAndSave, WarnAtChance
from fat_tf.training.distribution import smallest_batch, strategy_of
from fat_tf.training.fold_data import FoldData
from fat_tf.training.losses import loss_of_clips, of_curated
from fat_tf.training.networks import Networks
from fat_tf.training.progress import Progress
from fat_tf.training.recipe import Recipe
from fat_tf.training.replicas import fit
from fat_tf.training.source_scorer import SourceScorer, SourceScores
from fat_tf.training.stage import BEST, FRESH, LAST, Stage, unrolled
from fat_tf.training.training_model import TrainingModel, training_model
from fat_tf.training.workers import of_chief


class FoldTrainer:
    """Trains a fold to the end of its last stage, from where it stopped.

    Writes model.keras (weights of the best epoch of all stages by validation lwlrap, or the last ones), history.csv,
    state/, TensorBoard's events.
    """

    def __init__(self, recipe: Recipe, networks: Networks, data: FoldData, folder: Path, progress: Progress):
        self.recipe, self.networks, self.data, self.folder = recipe, networks, data, folder
        self.progress = progress
        self.score = SourceScorer(networks.scoring, data.source, of_curated(loss_of_clips(recipe.loss)))
        self.state = open_state(folder)
        self.smallest = smallest_batch(recipe.distribution)
        self.board = self._open_board()
        self._fresh = networks.network.get_weights()

    def fit(self) -> None:
        """Run every stage that is not done."""
        stages, reached = fold_stages(self.recipe, self.data), self.state.stage
        names = [stage.name for stage in stages]
        first = names.index(reached) if reached else len(self.state.scored)
        if self.state.history:
            print(f"Going on with fold {self.data.number}, {self._next(stages[first:])}", flush=True)
        for number, stage in enumerate(stages[first:], start=first):
            self._fit_stage(number, stage, resumed=stage.name == reached)
        self.board.fold_done()
        if self.recipe.profile:
            warn_beyond(self.recipe.profile, self.steps(), self.data.number)

    def _open_board(self) -> FoldBoard:
        data, rows = self.data, self.data.validation
        truth = data.targets[rows] > 0
        clips = ValidationClips(data.names[rows], data.paths[rows], truth, np.zeros(truth.shape), data.vocabulary)
        return FoldBoard(self.folder, self.recipe.board, clips, self.recipe.front_end, self.steps())

    def _next(self, stages: list[Stage]) -> str:
        for stage in stages:
            losses = self.state.losses(stage.name)
            if stage.schedule(losses) is not None:
                return f"stage {stage.name}, epoch {len(losses) + 1}"
        return "its scores"

    def steps(self) -> int:
        """Optimiser steps of all epochs so far."""
        stages = fold_stages(self.recipe, self.data)
        return sum(len(self.state.losses(stage.name)) * self.steps_of_epoch(stage) for stage in stages)

    def steps_of_epoch(self, stage: Stage) -> int:
        """Optimiser steps of an epoch of a stage."""
        return steps_of_epoch(self.recipe, self.data, stage)

    def _fit_stage(self, number: int, stage: Stage, resumed: bool) -> None:
        keras.utils.set_random_seed(stage_seed(self.recipe.seed, self.data.number, number))
        with dtype_policy(self.recipe.policy):
            steps = stage.schedule.epochs * self.steps_of_epoch(stage)
            model = training_model(self.recipe, stage, self.networks, steps)
        if resumed:
            restore_variables(self.folder, model)
        else:
            self._set_start(stage, is_appended=number == len(self.state.scored) > 0)
            if model.averages:
                model.averages.begin()
        if stage.schedule(self.state.losses(stage.name)) is not None:
            _StageFit(self, number, stage, model).run()
        if model.averages:
            model.averages.adopt()
        self.progress.stage_done(self.data.number, stage.schedule.epochs - len(self.state.losses(stage.name)))

    def _set_start(self, stage: Stage, is_appended: bool) -> None:
        if stage.start == FRESH:
            self.networks.network.set_weights(self._fresh)
        elif stage.start == BEST or (stage.start == LAST and is_appended):
            if stage.start == LAST and not self.recipe.last_weights:
                print(f"Stage {stage.name} starts from the best weights: a finished fold keeps no others", flush=True)
            self.networks.saved.load_weights(self.folder / MODEL)
        elif stage.start != LAST:
            load_start(self.networks, stage)

    def validate(self) -> tuple[dict[str, float], np.ndarray]:
        """Loss and lwlrap of the clips that choose the checkpoint, of the held-out ones where these differ; scores."""
        judged, targets = self._judged(self.data.validation), self.data.targets
        row = {"val_loss": judged.loss, "val_lwlrap": overall_lwlrap(targets[self.data.validation], judged.scores)}
        if self.recipe.inner_share:
            held_out = self.data.held_out
            row[HELD_OUT] = overall_lwlrap(targets[held_out], self._judged(held_out).scores)
        return of_chief(strategy_of(self.recipe.distribution), row), judged.scores

    def _judged(self, rows: np.ndarray) -> SourceScores:
        return self.score(rows, self.data.targets, self.recipe.validation_windows)


class _StageFit:
    """A stage of a fold while it is fitted: its batches, and what its callbacks ask for."""

    def __init__(self, fold: FoldTrainer, number: int, stage: Stage, model: TrainingModel):
        self._fold, self._number, self._stage, self._model = fold, number, stage, model
        self._rows = fold.data.training[stage.name]
        self._seed = (stage_seed(fold.recipe.seed, fold.data.number, number), 0)
        with on_host():
            self._labels = tf.constant(
                fold.data.labels_of(fold.recipe, stage)
            )  # once: of a million clips they are large

    def run(self) -> None:
        """Fit the epochs that are not done."""
        epochs = range(self._done(), self._stage.schedule.epochs)
        with checksums_hold():
            fit(self._model, self._batches(epochs), epochs, self._fold.steps_of_epoch(self._stage), self._callbacks())

    def _done(self) -> int:
        return len(self._fold.state.losses(self._stage.name))

    def _batches(self, epochs: range) -> tf.data.Dataset:
        fold = self._fold
        size, smallest = fold.recipe.batch_size, fold.smallest
        return training_batches(fold.data.source, self._rows, self._labels, size, epochs, self._seed, smallest)

    def _callbacks(self) -> list[keras.callbacks.Callback]:
        fold, stage, recipe = self._fold, self._stage, self._fold.recipe
        return [
            NotFinite(f"Fold {fold.data.number}, stage {stage.name}", self._names_of_batch),
            fold.progress.of_steps(fold.data.number),
            *([Profile(fold.folder, recipe.profile, fold.steps())] if recipe.profile else []),
            ValidateAndSave(
                stage=stage.name,
                clips=len(self._rows),
                folder=fold.folder,
                state=fold.state,
                saved=fold.networks.saved,
                keeps_last=recipe.last_weights,
                judged=self._judged_weights,
                validate=fold.validate,
                show=self._show,
                tell=self._tell,
            ),
            *([self._warn_at_chance()] if self._number == 0 else []),
            LearningRate(stage.schedule, lambda: fold.state.losses(stage.name)),
        ]

    def _names_of_batch(self, epoch: int, step: int) -> np.ndarray:
        data, size = self._fold.data, self._fold.recipe.batch_size
        return data.names[batch_rows(data.source, self._rows, size, epoch, step, self._seed)]

    def _show(self, row: Row, logs: dict[str, float], scores: np.ndarray) -> None:
        """An epoch on the board."""
        fold = self._fold

        def batch():
            return entering(self._model, fold.data.source, self._rows, self._labels, row["epoch"] - 1, self._seed)

        steps = fold.steps_of_epoch(self._stage)
        in_words = self._number + 1, stage_in_words(self._stage, len(self._rows), steps)
        fold.board.epoch_done(Epoch(row, logs, in_words, fold.steps(), scores, batch))

    def _tell(self, row: Row, is_best: bool) -> None:
        """An epoch as a line."""
        self._fold.progress.epoch_done(self._fold.data.number, row, self._stage.schedule.epochs, is_best)

    def _warn_at_chance(self) -> WarnAtChance:
        fold, targets = self._fold, self._fold.data.targets
        truth, frequency = targets[fold.data.validation], targets[all_rows(self._rows)].sum(axis=0)
        return WarnAtChance(fold.state, truth, frequency, fold.steps_of_epoch(self._stage), self._stage.schedule.epochs)

    @contextmanager
    def _judged_weights(self) -> Iterator[None]:
        """Within, the network has the weights of the stage's average, if it has one."""
        if not (averages := self._model.averages):
            yield
            return
        with averages.in_place():
            if averages.renews_statistics(int(self._model.optimizer.iterations.numpy()) - 1):
                batches = self._batches(range(self._done(), self._done() + 1)).take(ENOUGH)
                renew_statistics(self._fold.networks.network, self._model, (list(batch) for (batch,) in batches))
            yield


def fold_stages(recipe: Recipe, data: FoldData) -> list[Stage]:
    """The stages that a fold runs, one after the other, each with its number of epochs."""
    stages, smallest = unrolled(recipe.stages), smallest_batch(recipe.distribution)
    return [stage.for_clips(len(data.training[stage.name]), recipe.batch_size, smallest) for stage in stages]


def steps_of_epoch(recipe: Recipe, data: FoldData, stage: Stage) -> int:
    """Optimiser steps of an epoch of a stage."""
    return steps_per_epoch(len(data.training[stage.name]), recipe.batch_size, smallest_batch(recipe.distribution))


def planned_steps(recipe: Recipe, data: FoldData) -> int:
    """Optimiser steps of the stages that have a length: refits end when nothing is gained any more."""
    stages = [stage for stage in fold_stages(recipe, data) if not stage.may_end_early]
    return sum(stage.schedule.epochs * steps_of_epoch(recipe, data, stage) for stage in stages)


def stage_seed(seed: int, fold: int, stage: int) -> int:
    """A seed for each stage of each fold; seeds that are close give sequences that are not."""
    return int(np.random.SeedSequence([seed, fold, stage]).generate_state(1)[0] >> 1)


def load_start(networks: Networks, stage: Stage) -> None:
    """Set the weights to those of the stage's file.

    Raises:
        UserError: there is no such file, or it is of another model.
    """
    if not Path(stage.start).is_file():
        raise UserError(f"Stage {stage.name} starts from {stage.start}, and there is no such file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras warns of what it then fails at
            networks.saved.load_weights(stage.start)
    except (ValueError, OSError, KeyError) as error:
        raise UserError(
            f"Stage {stage.name}: {stage.start} does not fit {networks.saved.name}, its layers or their sizes are "
            "others. Start from a run of the same model, width, front end and classes"
        ) from error
