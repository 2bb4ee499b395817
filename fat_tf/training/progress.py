"""What a person sees while a run goes on: a bar within an epoch, a line after it, the time that is left."""

import time
from datetime import timedelta

import keras
from tqdm import tqdm

FIRST_STEPS = 3  # after them the first estimate is given; the first step alone is slower, it builds the graph


class Progress:
    """Remaining time of a run that trains several folds.

    Args:
        left: epochs to do at most, by fold; a stage that ends early takes its rest off.
    """

    def __init__(self, left: dict[int, int]):
        self._left = dict(left)
        self._seconds: list[float] = []
        self.estimated = False

    def epochs_left(self) -> int:
        """Epochs of the whole run that are still to do, at most."""
        return sum(self._left.values())

    def left(self, fold: int, epoch_seconds: float | None = None) -> tuple[float, float]:
        """(seconds left in this fold, in the run), from the mean of this process' epochs."""
        mean = epoch_seconds or sum(self._seconds) / len(self._seconds)
        return self._left[fold] * mean, self.epochs_left() * mean

    def stage_done(self, fold: int, unused: int) -> None:
        """Take off the epochs that a stage did not need."""
        self._left[fold] -= unused

    def epoch_done(self, fold: int, row: dict[str, object], epochs: int, best: bool) -> None:
        """Print the line of an epoch; `epochs`: of its stage, at most."""
        self._left[fold] -= 1
        self._seconds.append(row["seconds"])
        of_fold, of_run = self.left(fold)
        tqdm.write(
            f"fold {fold}  {row['stage']} {row['epoch']}/{epochs}  lr {row['lr']:.1e}  loss {row['loss']:.3f}  "
            f"val_loss {row['val_loss']:.3f}  lwlrap {row['lwlrap']:.3f}  val_lwlrap {row['val_lwlrap']:.3f}"
            f"{'*' if best else ' '}  {row['clips_per_second']:.1f} clips/s  "
            f"left: fold {clock(of_fold)}, run {clock(of_run)}"
        )

    def of_steps(self, fold: int) -> keras.callbacks.Callback:
        """The callback that shows the steps of an epoch."""
        return _StepBar(self, fold)


class _StepBar(keras.callbacks.Callback):
    """A bar over the steps of an epoch, and the first estimate of the run."""

    def __init__(self, progress: Progress, fold: int):
        super().__init__()
        self._progress, self._fold = progress, fold

    def on_epoch_begin(self, epoch, logs=None):
        self._steps = self.params["steps"]
        self._bar = tqdm(total=self._steps, desc=f"Epoch {epoch + 1}", unit="step", leave=False, disable=None)

    def on_train_batch_end(self, batch, logs=None):
        self._bar.update()
        if not self._progress.estimated:
            self._estimate(batch + 1)

    def on_epoch_end(self, epoch, logs=None):
        self._bar.close()

    def _estimate(self, steps: int) -> None:
        """After a few steps say once how long the run will take."""
        if steps == 1:
            self._second = time.perf_counter()
        if steps > 1 and steps == min(FIRST_STEPS, self._steps):
            step = (time.perf_counter() - self._second) / (steps - 1)
            of_fold, of_run = self._progress.left(self._fold, step * self._steps)
            tqdm.write(f"{steps} steps done. About {clock(of_fold)} left for this fold, {clock(of_run)} for the run")
            self._progress.estimated = True


def clock(seconds: float) -> str:
    """h:mm:ss."""
    return str(timedelta(seconds=round(seconds)))
