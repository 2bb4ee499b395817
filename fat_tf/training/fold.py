"""One fold: its stages one after the other, on the same weights."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from fat_tf.data.batches import training_batches
from fat_tf.data.cache import checksums_hold
from fat_tf.data.sources import ClipSource
from fat_tf.errors import UserError
from fat_tf.training.device import dtype_policy
from fat_tf.training.epochs import EndOfEpoch, NotFinite, adopt_best
from fat_tf.training.network import Networks, TrainingModel, training_model
from fat_tf.training.progress import Progress
from fat_tf.training.recipe import Recipe
from fat_tf.training.scoring import Scorer
from fat_tf.training.stage import BEST, FRESH, LAST, Stage, unrolled
from fat_tf.training.state import load_state, restore_variables
from fat_tf.training.tensorboard import TensorBoard

MODEL = "model.keras"


@dataclass(frozen=True)
class FoldData:
    """Clips of a fold, as rows of the source.

    training: the rows of each kind of stage data. validation: those that choose the checkpoint. held_out: those of the
    fold, which it is judged by; the same unless the recipe has an inner split. targets (all rows, classes), names (all
    rows).
    """

    number: int
    source: ClipSource
    targets: np.ndarray
    names: np.ndarray
    training: Mapping[str, np.ndarray]
    validation: np.ndarray
    held_out: np.ndarray


class Fold:
    """Trains a fold to the end of its last stage, from where it stopped.

    Writes model.keras (best weights by validation lwlrap over all stages), history.csv, state/ and tensorboard/.
    """

    def __init__(
        self, recipe: Recipe, networks: Networks, data: FoldData, folder: Path, progress: Progress, precision: str
    ):
        self.recipe, self.networks, self.data, self.folder = recipe, networks, data, folder
        self.progress, self.precision = progress, precision
        self.score = Scorer(networks.scoring, data.source)
        self.board = TensorBoard(folder / "tensorboard")
        self.state = load_state(folder / "state")
        self._fresh = networks.network.get_weights()
        adopt_best(folder, self.state)

    def fit(self) -> None:
        """Run every stage that is not done."""
        stages = fold_stages(self.recipe, self.data)
        reached = self.state.history[-1]["stage"] if self.state.history else None
        done = [stage.name for stage in stages].index(reached) if reached else 0
        for number, stage in enumerate(stages[done:], start=done):
            self._fit_stage(number, stage, resumed=stage.name == reached)

    def steps(self) -> int:
        """Optimiser steps of all epochs so far."""
        size, rows = self.recipe.batch_size, self.data.training
        stages = fold_stages(self.recipe, self.data)
        return sum(len(self.state.losses(stage.name)) * -(-len(rows[stage.data]) // size) for stage in stages)

    def _fit_stage(self, number: int, stage: Stage, resumed: bool) -> None:
        keras.utils.set_random_seed(stage_seed(self.recipe.seed, self.data.number, number))
        with dtype_policy(self.precision):
            model = training_model(self.recipe, stage, self.networks, self.data.source)
        if resumed:
            restore_variables(self.folder / "state", model)
        else:
            self._set_start(stage)
        if stage.schedule(self.state.losses(stage.name)) is not None:
            self._fit_epochs(number, stage, model)
        self.progress.stage_done(self.data.number, stage.schedule.epochs - len(self.state.losses(stage.name)))

    def _set_start(self, stage: Stage) -> None:
        if stage.start == FRESH:
            self.networks.network.set_weights(self._fresh)
        elif stage.start == BEST:
            self.networks.saved.load_weights(self.folder / MODEL)
        elif stage.start != LAST:
            load_start(self.networks, stage)

    def _fit_epochs(self, number: int, stage: Stage, model: TrainingModel) -> None:
        rows, size = self.data.training[stage.data], self.recipe.batch_size
        epochs = range(len(self.state.losses(stage.name)), stage.schedule.epochs)
        seed = (stage_seed(self.recipe.seed, self.data.number, number), 0)
        batches = training_batches(self.data.source, rows, self.data.targets, size, epochs, seed)
        with checksums_hold():
            model.fit(
                batches,
                epochs=epochs.stop,
                initial_epoch=epochs.start,
                steps_per_epoch=-(-len(rows) // size),
                shuffle=False,  # the batches come shuffled
                verbose=0,
                callbacks=[
                    NotFinite(self, stage, rows, seed),
                    self.progress.of_steps(self.data.number),
                    EndOfEpoch(self, stage, len(rows), first=number == 0),
                ],
            )


def fold_stages(recipe: Recipe, data: FoldData) -> list[Stage]:
    """The stages that a fold runs, one after the other, each with its number of epochs."""
    stages = unrolled(recipe.stages)
    return [stage.for_clips(len(data.training[stage.data]), recipe.batch_size) for stage in stages]


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
