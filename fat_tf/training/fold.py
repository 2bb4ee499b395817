"""One fold: fit, validate after each epoch, keep the best weights and what a restart needs."""

import time
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from fat_tf.data.batches import training_batches
from fat_tf.data.cache import checksums_hold
from fat_tf.data.sources import ClipSource
from fat_tf.errors import UserError
from fat_tf.files import write_text, written_whole
from fat_tf.metrics import overall_lwlrap
from fat_tf.training.network import Networks
from fat_tf.training.progress import Progress
from fat_tf.training.recipe import Recipe
from fat_tf.training.scoring import Scorer
from fat_tf.training.state import STAGE, FoldState, load_state, save_state
from fat_tf.training.tensorboard import TensorBoard

MODEL = "model.keras"


@dataclass(frozen=True)
class FoldData:
    """Clips of a fold: rows (of the source) to train and to validate on, targets (all rows, classes)."""

    number: int
    source: ClipSource
    targets: np.ndarray
    training: np.ndarray
    validation: np.ndarray


def fit_fold(recipe: Recipe, networks: Networks, data: FoldData, folder: Path, progress: Progress) -> None:
    """Train a fold to its last epoch, from where it stopped.

    Writes model.keras (best weights by validation lwlrap), history.csv, state/ and tensorboard/ into the folder.
    """
    state = load_state(folder / "state", networks.training)
    if state.epochs >= recipe.epochs:
        return
    epochs = range(state.epochs, recipe.epochs)
    seed = (recipe.seed, data.number)
    batches = training_batches(data.source, data.training, data.targets, recipe.batch_size, epochs, seed)
    with checksums_hold():
        networks.training.fit(
            batches,
            epochs=epochs.stop,
            initial_epoch=epochs.start,
            steps_per_epoch=-(-len(data.training) // recipe.batch_size),
            shuffle=False,  # the batches come shuffled
            verbose=0,
            callbacks=[
                keras.callbacks.LearningRateScheduler(recipe.schedule),
                progress.of_steps(data.number),
                EndOfEpoch(recipe, networks, data, folder, state, progress),
            ],
        )


class EndOfEpoch(keras.callbacks.Callback):
    """Validates, keeps the best model, and writes the state, in the order that a restart can rely on."""

    def __init__(
        self,
        recipe: Recipe,
        networks: Networks,
        data: FoldData,
        folder: Path,
        state: FoldState,
        progress: Progress,
    ):
        super().__init__()
        self._recipe, self._networks, self._data = recipe, networks, data
        self._folder, self._state, self._progress = folder, state, progress
        self._score = Scorer(networks.scoring, data.source)
        self._board = TensorBoard(folder / "tensorboard")

    def on_epoch_begin(self, epoch, logs=None):
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        trained = time.perf_counter() - self._began
        row = {"stage": STAGE, "epoch": epoch + 1, "lr": self._recipe.schedule(epoch)}
        row |= {"loss": float(logs["clip_loss"]), "lwlrap": float(logs["lwlrap"])}
        if not np.isfinite(row["loss"]):
            raise UserError(
                f"Epoch {epoch + 1}: the loss is {row['loss']}. Lower WarmupCosine.peak, or look at the data"
            )
        row |= self._validate()
        row["seconds"] = round(time.perf_counter() - self._began, 3)
        row["clips_per_second"] = round(len(self._data.training) / trained, 2)
        self._state.history.append(row)
        best = row["val_lwlrap"] > self._state.best
        if best:
            self._state.best = row["val_lwlrap"]
            save_model(self._networks.saved, self._folder / MODEL)
        save_state(self._folder / "state", self._networks.training, self._state)
        write_text(self._folder / "history.csv", self._state.table().to_csv(index=False))
        self._board.write(row)
        self._progress.epoch_done(self._data.number, row, best)

    def _validate(self) -> dict[str, float]:
        rows, targets = self._data.validation, self._data.targets
        validation = self._score(rows, targets, self._recipe.validation_windows)
        lwlrap = overall_lwlrap(targets[rows], validation.scores)
        return {"val_loss": validation.loss, "val_lwlrap": lwlrap}


def save_model(model: keras.Model, file: Path) -> None:
    """Save a model, whole."""
    with written_whole(file) as unfinished:
        model.save(unfinished)
