"""What happens in and after an epoch: validation, the best model, the state, early warnings."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np
from tqdm import tqdm

from fat_tf.data.batches import batch_rows
from fat_tf.errors import UserError, listed
from fat_tf.files import write_text, written_whole
from fat_tf.metrics import overall_lwlrap
from fat_tf.training.baseline import chance_scores
from fat_tf.training.stage import Stage
from fat_tf.training.state import HELD_OUT, FoldState, save_state

if TYPE_CHECKING:
    from fat_tf.training.fold import Fold

SHOULD_KNOW_BY = 1 / 3  # of the first stage


class EndOfEpoch(keras.callbacks.Callback):
    """Sets the rate before an epoch; after it validates, keeps the best model and writes the state.

    The order of writing is what a restart relies on: the best model under a name of its own, the state that says
    which epoch was best, then the model's final name (`adopt_best`).
    """

    def __init__(self, fold: "Fold", stage: Stage, clips: int, first: bool):
        super().__init__()
        self._fold, self._stage, self._clips, self._first = fold, stage, clips, first

    def on_epoch_begin(self, epoch, logs=None):
        self._began = time.perf_counter()
        self._rate = self._stage.schedule(self._fold.state.losses(self._stage.name))
        self.model.optimizer.learning_rate = self._rate

    def on_epoch_end(self, epoch, logs=None):
        fold, state = self._fold, self._fold.state
        trained = time.perf_counter() - self._began
        row = {"stage": self._stage.name, "epoch": epoch + 1, "lr": self._rate}
        row |= {"loss": float(logs["clip_loss"]), "lwlrap": float(logs["lwlrap"])} | _validate(fold)
        row["seconds"] = round(time.perf_counter() - self._began, 3)
        row["clips_per_second"] = round(self._clips / trained, 2)
        state.history.append(row)
        self._keep(row)
        write_text(fold.folder / "history.csv", state.table().to_csv(index=False))
        fold.board.write(row, state.epochs)
        is_best = state.best_epoch == state.epochs
        fold.progress.epoch_done(fold.data.number, row, self._stage.schedule.epochs, is_best)
        self._warn(epoch + 1)
        if self._stage.schedule(state.losses(self._stage.name)) is None:
            self.model.stop_training = True

    def _keep(self, row: dict[str, object]) -> None:
        fold, state = self._fold, self._fold.state
        if row["val_lwlrap"] > state.best:
            state.best, state.best_epoch = row["val_lwlrap"], state.epochs
            with written_whole(_candidate(fold.folder, state)) as unfinished:
                fold.networks.saved.save(unfinished)
        save_state(fold.folder / "state", self.model, state)
        adopt_best(fold.folder, state)

    def _warn(self, epoch: int) -> None:
        """Say early that a run does not learn."""
        if not self._first or epoch != int(np.ceil(self._stage.schedule.epochs * SHOULD_KNOW_BY)):
            return
        data, best = self._fold.data, self._fold.state.best
        truth = data.targets[data.validation]
        chance = max(overall_lwlrap(truth, scores) for scores in chance_scores(*truth.shape, seed=epoch))
        if best <= chance:
            tqdm.write(
                f"Warning: after {epoch} epochs the validation lwlrap is {best:.3f}, which chance reaches too "
                f"({chance:.3f}). Wrong labels, a wrong folder, or a learning rate that does not fit?"
            )


def _validate(fold: "Fold") -> dict[str, float]:
    val_loss, val_lwlrap = _judged(fold, fold.data.validation)
    row = {"val_loss": val_loss, "val_lwlrap": val_lwlrap}
    return row | {HELD_OUT: _judged(fold, fold.data.held_out)[1]} if fold.recipe.inner_share else row


def _judged(fold: "Fold", rows: np.ndarray) -> tuple[float, float]:
    """(loss, lwlrap) of these clips."""
    targets = fold.data.targets
    scored = fold.score(rows, targets, fold.recipe.validation_windows)
    return scored.loss, overall_lwlrap(targets[rows], scored.scores)


def _candidate(folder: Path, state: FoldState) -> Path:
    return folder / "state" / f"best-{state.best_epoch}.keras"


def adopt_best(folder: Path, state: FoldState) -> None:
    """Give the best model that the state speaks of its final name, if that was not done before a stop."""
    candidate = _candidate(folder, state)
    if candidate.exists():
        os.replace(candidate, folder / "model.keras")


class NotFinite(keras.callbacks.Callback):
    """Stops at the first step whose loss is not finite, and names the clips of its batch."""

    def __init__(self, fold: "Fold", stage: Stage, rows: np.ndarray, seed: tuple[int, int]):
        super().__init__()
        self._fold, self._stage, self._rows, self._seed = fold, stage, rows, seed

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if np.isfinite(float(logs["clip_loss"])):
            return
        data, size = self._fold.data, self._fold.recipe.batch_size
        rows = batch_rows(data.source, self._rows, size, self._epoch, batch, self._seed)
        where = f"Fold {data.number}, stage {self._stage.name}, epoch {self._epoch + 1}, step {batch + 1}"
        loss, clips = float(logs["clip_loss"]), listed(data.names[rows], size)
        raise UserError(
            f"{where}: the loss is {loss}. Its clips: {clips}. The weights of the epochs before are kept. "
            "Look at these clips, or lower the schedule's rates"
        )
