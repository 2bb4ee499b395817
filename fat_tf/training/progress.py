"""What a person sees while a run goes on: a bar within an epoch, a line after it, the time that is left."""

import sys
from collections.abc import Callable

import keras
from tqdm import tqdm

from fat_tf.notices import progress_bar
from fat_tf.runs.epoch_lines import epoch_line, heading
from fat_tf.runs.progress_file import ProgressNote
from fat_tf.terminal import clock, width_of, wrapped
from fat_tf.training.time_left import FoldWork, TimeLeft

FIRST_STEPS, FIRST_SECONDS = 2, 3.0  # that must be measured before the first estimate is given


class Progress:
    """Lines of a run that trains several folds, at most 100 columns wide.

    Args:
        work: of each fold, in their order.
        batch_size: clips of a step.
        note: called with how far the run is, when a fold begins and after each epoch.
    """

    def __init__(self, work: dict[int, FoldWork], batch_size: int, note: Callable[[ProgressNote], None]):
        self._left = TimeLeft(work, batch_size)
        self._note = note
        self._folds = len(work)
        self._epochs: dict[str, int] = {}  # of each stage that was reached
        self._heading = ""  # the last one
        self._estimated = False

    def fold_begins(self, fold: int) -> None:
        """Its networks are built next."""
        self._left.fold_begins()
        self._tell(fold)

    def _tell(self, fold: int) -> None:
        left = (self._left.of_fold(fold), self._left.of_run(fold)) if self._left.measured[0] else (None, None)
        self._note(ProgressNote(self._left.epochs, *left, self._epochs))

    def stage_done(self, fold: int, unused: int) -> None:
        """Take off the epochs that a stage did not need."""
        self._left.stage_done(fold, unused)

    def fold_done(self, fold: int) -> None:
        """It is scored."""
        self._left.fold_done(fold)

    def epoch_done(self, fold: int, row: dict[str, object], epochs: int, best: bool) -> None:
        """Print the line of an epoch; `epochs`: of its stage, at most; `best`: so far."""
        self._left.epoch_done(fold)
        self._epochs[row["stage"]] = epochs
        left, width = (self._left.of_fold(fold), self._left.of_run(fold)), width_of()
        if (above := heading(fold, row["stage"], width)) != self._heading:
            self._heading = above
            print_above_bars(above)
        print_above_bars(epoch_line(row, epochs, best, left, width))
        self._tell(fold)

    def of_steps(self, fold: int) -> keras.callbacks.Callback:
        """The callback that shows the steps of an epoch."""
        return _StepBar(self, fold)

    def epoch_begins(self) -> None:
        """Its first step is next."""
        self._left.epoch_begins()

    def step_done(self, fold: int, wait) -> None:
        """A step; after a few say once how long the run will take. `wait` returns when the step is really done."""
        if not self._estimated:
            wait()
        self._left.step_done(fold)
        steps, seconds = self._left.measured
        if not self._estimated and steps >= FIRST_STEPS and seconds >= FIRST_SECONDS:
            self._estimated = True
            told = _estimate(self._left.of_fold(fold), self._left.of_run(fold), self._folds)
            print_above_bars("\n".join(wrapped(told, width_of(), "  ")))


def _estimate(of_fold: float, of_run: float, folds: int) -> str:
    this = f", {clock(of_fold)} for this fold" if folds > 1 else ""
    return f"About {clock(of_run)} to go{this} (compiling, validation and scoring included)"


class _StepBar(keras.callbacks.Callback):
    """A bar over the steps of an epoch."""

    def __init__(self, progress: Progress, fold: int):
        super().__init__()
        self._progress, self._fold = progress, fold

    def on_epoch_begin(self, epoch, logs=None):
        self._progress.epoch_begins()
        steps = self.params["steps"]
        self._bar = progress_bar(total=steps, desc=f"Epoch {epoch + 1}", unit="step", leave=False, delay=1)

    def on_train_batch_begin(self, batch, logs=None):
        # The end of the step before: for an `on_train_batch_end` Keras would fetch, and so await, each step's logs.
        if batch:
            self._step_done()

    def on_epoch_end(self, epoch, logs=None):
        self._step_done()
        self._bar.close()

    def _step_done(self) -> None:
        self._bar.update()
        self._progress.step_done(self._fold, self._wait)

    def _wait(self) -> None:
        """Until a device that works behind the program's back has caught up."""
        self.model.optimizer.iterations.numpy()


def print_above_bars(text: str) -> None:
    """Print lines above the bars, at once: a log file is read while a run goes on."""
    tqdm.write(text)
    sys.stdout.flush()
