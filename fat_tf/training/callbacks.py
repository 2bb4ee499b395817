"""What happens around an epoch: its rate, validation, the best model, the state, early warnings."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import keras
import numpy as np

from fat_tf.errors import UserError, listed
from fat_tf.metrics import overall_lwlrap
from fat_tf.notices import warn
from fat_tf.runs.fold_state import FoldState, adopt_kept, save_kept, save_state, write_history
from fat_tf.training.baseline import chance_lwlraps

Row = dict[str, object]  # of history.csv
ENOUGH = 300  # steps at a considerable rate after which validation is above chance, if anything is learnt
FEW = 50  # steps that nothing can be said of
RECENT = 3  # epochs whose mean is compared with chance
MOVED = 0.05  # share by which the training loss falls within few steps that have an effect


class LearningRate(keras.callbacks.Callback):
    """Sets the rate before each epoch, and stops where the schedule ends.

    Args:
        schedule: from the validation losses of a stage so far to the rate of the next epoch, or None.
        losses: gives these losses.
    """

    def __init__(self, schedule: Callable[[Sequence[float]], float | None], losses: Callable[[], Sequence[float]]):
        super().__init__()
        self._schedule, self._losses = schedule, losses

    def on_epoch_begin(self, epoch, logs=None):
        self.model.optimizer.learning_rate = self._schedule(self._losses())

    def on_epoch_end(self, epoch, logs=None):
        if self._schedule(self._losses()) is None:
            self.model.stop_training = True


class ValidateAndSave(keras.callbacks.Callback):
    """After each epoch validates, keeps the best model, or the last, and writes the state and history.csv.

    The order of writing is what a restart relies on: the model to keep under a name of its own, the state that says
    which epoch it is of, then the model's final name (`adopt_kept`).

    Args:
        stage: its name.
        clips: of an epoch.
        folder: of the fold.
        state: progress of the fold; gets a row an epoch.
        saved: the model that is kept.
        keeps_last: the model of each epoch is kept in place of the one before, whatever its validation lwlrap.
        judged: within it, the model has the weights that are judged and kept.
        validate: gives val_loss, val_lwlrap and what else the history has of validation, and scores (clips, classes).
        show: called with each row, the logs of its epoch and these scores before it is kept.
        tell: called with each row and whether its epoch is the best one so far.
    """

    def __init__(
        self,
        stage: str,
        clips: int,
        folder: Path,
        state: FoldState,
        saved: keras.Model,
        keeps_last: bool,
        judged: Callable[[], AbstractContextManager],
        validate: Callable[[], tuple[dict[str, float], np.ndarray]],
        show: Callable[[Row, dict[str, float], np.ndarray], None],
        tell: Callable[[Row, bool], None],
    ):
        super().__init__()
        self._stage, self._clips, self._folder, self._state = stage, clips, folder, state
        self._saved, self._keeps_last, self._judged, self._validate = saved, keeps_last, judged, validate
        self._show, self._tell = show, tell

    def on_epoch_begin(self, epoch, logs=None):
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        trained = time.perf_counter() - self._began
        row = {"stage": self._stage, "epoch": epoch + 1, "lr": float(self.model.optimizer.learning_rate.numpy())}
        row |= {"loss": float(logs["clip_loss"]), "lwlrap": float(logs["lwlrap"])}
        with self._judged():
            figures, scores = self._validate()
            row |= figures
            row["seconds"] = round(time.perf_counter() - self._began, 3)
            row["clips_per_second"] = round(self._clips / trained, 2)
            self._state.history.append(row)
            self._show(row, logs, scores)
            is_best = self._keep(row)
        save_state(self._folder, self.model, self._state)
        adopt_kept(self._folder, self._state)
        write_history(self._folder, self._state)
        self._tell(row, is_best)

    def _keep(self, row: Row) -> bool:
        """Save the model if its epoch is to be kept; returns whether it is the best one so far."""
        is_best = row["val_lwlrap"] > self._state.best
        if is_best:
            self._state.best = row["val_lwlrap"]
        if is_best or self._keeps_last:
            self._state.kept_epoch = self._state.epochs
            save_kept(self._folder, self._saved, self._state)
        return is_best


class WarnAtChance(keras.callbacks.Callback):
    """Says once that a run does not learn, when its schedule has given it a chance.

    Early epochs are at chance in every run: rates warm up, and a few dozen steps teach nothing that validation shows.
    So it looks after ENOUGH steps since the rate was highest, and at the end. A run that ends before that many may
    only be too short: it is warned of where the training loss has not fallen either, which it does within FEW steps
    wherever these have an effect, be it only because labels are rare.

    Args:
        state: progress of the fold.
        truth: (clips, classes) of the validation clips.
        frequency: training clips of each class, (classes,): to score by it alone is no better than chance.
        steps: of an epoch.
        epochs: of the stage.
    """

    def __init__(self, state: FoldState, truth: np.ndarray, frequency: np.ndarray, steps: int, epochs: int):
        super().__init__()
        self._state, self._truth, self._frequency, self._steps, self._epochs = state, truth, frequency, steps, epochs
        self._warned = False

    def on_epoch_end(self, epoch, logs=None):
        rows, is_last = self._state.history, epoch + 1 == self._epochs
        steps = (len(rows) - 1 - int(np.argmax([row["lr"] for row in rows]))) * self._steps
        was_short = steps - self._steps < ENOUGH
        if self._warned or not (is_last or (steps >= ENOUGH and was_short)):
            return
        recent, chance = np.mean([row["val_lwlrap"] for row in rows[-RECENT:]]), self._chance()
        falls = rows[-1]["loss"] < (1 - MOVED) * rows[0]["loss"]
        if recent > chance or (steps < ENOUGH and (falls or len(rows) * self._steps < FEW)):
            return
        self._warned = True
        warn(
            f"after {epoch + 1} epochs the validation lwlrap is {recent:.3f}, which chance reaches too "
            f"({chance:.3f}){'' if falls else ', and the training loss does not fall'}. Wrong labels, a wrong folder, "
            "or a learning rate that does not fit?"
        )

    def _chance(self) -> float:
        """The best lwlrap of random scores, or that of how frequent the classes are."""
        by_frequency = overall_lwlrap(self._truth, np.broadcast_to(self._frequency, self._truth.shape))
        return max(*chance_lwlraps(self._truth, seed=0), by_frequency)


class NotFinite(keras.callbacks.Callback):
    """Stops after an epoch with a loss that is not finite, before it is saved, and names the clips of its first batch.

    The step that it was is kept in the graph (`TrainingModel`): to look at each step's loss would wait for each step.

    Args:
        where: fold and stage, in words.
        clips: names of the clips of a batch: (epoch, step) -> names; both counted from 0.
    """

    def __init__(self, where: str, clips: Callable[[int, int], Sequence[str]]):
        super().__init__()
        self._where, self._clips = where, clips

    def on_epoch_end(self, epoch, logs=None):
        if (step := int(logs["not_finite"])) < 0:
            return
        clips = self._clips(epoch, step)
        raise UserError(
            f"{self._where}, epoch {epoch + 1}, step {step + 1}: the loss is not finite. Its clips: "
            f"{listed(clips, len(clips))}. The weights of the epochs before are kept. Look at these clips, or lower "
            "the schedule's rates"
        )
