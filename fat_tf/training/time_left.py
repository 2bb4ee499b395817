"""How long a run goes on: what is still to do, times what it took so far."""

import time
from collections.abc import Callable
from dataclasses import dataclass

SCORED = 1 / 3  # time of a window that is scored, in clips that are trained on, until it is measured


@dataclass
class StageWork:
    """steps: of an epoch. epochs: still to do; a schedule may end a stage earlier. built: whether its graph is."""

    steps: int
    epochs: int
    built: bool = False


@dataclass
class FoldWork:
    """What is to do in a fold. validation: windows scored after each epoch; scores: at the end."""

    stages: list[StageWork]
    validation: int
    scores: int


class TimeLeft:
    """Seconds left of a fold and of a run.

    Args:
        work: of each fold that is to be trained, in their order.
        batch_size: clips of a step.
        clock: seconds.
    """

    def __init__(self, work: dict[int, FoldWork], batch_size: int, clock: Callable[[], float] = time.perf_counter):
        self._work, self._batch, self._clock = work, batch_size, clock
        self._mark = clock()  # when what is measured now began
        self._building = True  # the next step builds its graph
        self._build: list[float] = []  # of networks and the graph of their steps
        self._steps, self._step_seconds, self._in_epoch = 0, 0.0, 0
        self._windows, self._window_seconds = 0, 0.0

    def fold_begins(self) -> None:
        """Networks are built."""
        self._mark, self._building = self._clock(), True

    def epoch_begins(self) -> None:
        """Steps follow one another from now on."""
        self._in_epoch = 0
        if not self._building:
            self._mark = self._clock()

    def step_done(self, fold: int) -> None:
        """A step of the current epoch; the first one of a stage builds the graph."""
        now, self._in_epoch = self._clock(), self._in_epoch + 1
        if self._building:
            self._build.append(now - self._mark)
            self._stage(fold).built = True
        else:
            self._steps, self._step_seconds = self._steps + 1, self._step_seconds + now - self._mark
        self._mark, self._building = now, False

    @property
    def epochs(self) -> int:
        """Epochs left of all folds, at most."""
        return sum(stage.epochs for work in self._work.values() for stage in work.stages)

    @property
    def measured(self) -> tuple[int, float]:
        """Steps that were measured, and their seconds; those apart that built a graph."""
        return self._steps, self._step_seconds

    def epoch_done(self, fold: int) -> None:
        """The current epoch is validated."""
        work, now = self._work[fold], self._clock()
        self._windows, self._window_seconds = self._windows + work.validation, self._window_seconds + now - self._mark
        self._mark, self._in_epoch = now, 0
        self._stage(fold).epochs -= 1

    def stage_done(self, fold: int, unused: int) -> None:
        """A stage needed fewer epochs than it might have."""
        if unused:
            self._stage(fold).epochs -= unused
        self._mark, self._building = self._clock(), True

    def _stage(self, fold: int) -> StageWork:
        """The one that is trained now."""
        return next(stage for stage in self._work[fold].stages if stage.epochs)

    def fold_done(self, fold: int) -> None:
        """A fold is scored."""
        self._work.pop(fold)

    def of_fold(self, fold: int) -> float:
        """Seconds left of the fold that is trained now."""
        return self._seconds(self._work[fold]) - self._in_epoch * self._step

    def of_run(self, fold: int) -> float:
        """Seconds left of the run, in which this fold is trained now."""
        return self.of_fold(fold) + sum(self._seconds(work) for other, work in self._work.items() if other != fold)

    def _seconds(self, work: FoldWork) -> float:
        window = self._window_seconds / self._windows if self._windows else self._step / self._batch * SCORED
        epochs = sum(stage.epochs * (stage.steps * self._step + work.validation * window) for stage in work.stages)
        builds = sum(bool(stage.epochs and not stage.built) for stage in work.stages)
        return builds * sum(self._build) / max(len(self._build), 1) + epochs + work.scores * window

    @property
    def _step(self) -> float:
        return self._step_seconds / max(self._steps, 1)
