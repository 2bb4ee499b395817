"""What a run shows of its progress: lines that fit, and times that come true."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from fat_tf.training import time_left
from fat_tf.training.progress import Progress
from fat_tf.training.time_left import FoldWork, StageWork, TimeLeft

BUILD, STEP, WINDOW = 20.0, 0.5, 0.015  # seconds


class Simulation:
    """A run on a clock of its own: what a step, a window and a graph take is known."""

    def __init__(self, folds: int, steps: int, epochs: list[int]):
        self.now, self.told = 0.0, []
        self.work = {
            fold: FoldWork([StageWork(steps, number) for number in epochs], validation=40, scores=200)
            for fold in range(folds)
        }
        self.stages = {fold: list(work.stages) for fold, work in self.work.items()}
        self.left = TimeLeft(self.work, batch_size=16, clock=lambda: self.now)

    def run(self) -> None:
        for fold, stages in self.stages.items():
            self.left.fold_begins()
            for stage in stages:
                self._stage(fold, stage)
            self.now += 200 * WINDOW
            self.left.fold_done(fold)

    def _stage(self, fold: int, stage: StageWork) -> None:
        self.now += BUILD
        for _ in range(stage.epochs):
            self.left.epoch_begins()
            for _ in range(stage.steps):
                self.now += STEP
                self.left.step_done(fold)
                self._tell(fold)
            self.now += 40 * WINDOW
            self.left.epoch_done(fold)
            self._tell(fold)
        self.left.stage_done(fold, 0)

    def _tell(self, fold: int) -> None:
        self.told.append((self.now, self.left.of_run(fold), self.left.measured[0]))


@pytest.mark.parametrize("folds", [1, 5])
@pytest.mark.parametrize("epochs", [[30], [3], [10, 4, 4]])
def test_what_is_left_comes_true(folds, epochs):
    run = Simulation(folds, 24, epochs)
    run.run()
    first = next(seconds + now for now, seconds, steps in run.told if steps == 2)
    assert run.now / 1.2 < first < run.now * 1.2  # windows are not measured yet
    after_an_epoch = [seconds + now for now, seconds, steps in run.told if steps >= 24]
    assert after_an_epoch == pytest.approx([run.now] * len(after_an_epoch), rel=0.02)


def test_epochs_that_a_stage_does_not_need_are_taken_off():
    run = Simulation(1, 24, [10])
    run._stage(0, StageWork(24, 4))
    assert run.left.of_run(0) == pytest.approx(6 * (24 * STEP + 40 * WINDOW) + 200 * WINDOW)
    run.left.stage_done(0, 6)
    assert run.left.of_run(0) == pytest.approx(200 * WINDOW)


@pytest.fixture
def progress(monkeypatch):
    """Three folds of one stage, whose every step and epoch took a second."""
    seconds = iter(range(10**6))
    monkeypatch.setattr(time_left.TimeLeft.__init__, "__defaults__", (lambda: next(seconds),))
    work = {fold: FoldWork([StageWork(20_000, 12_345)], 1000, 1000) for fold in range(3)}
    return Progress(work, 16, lambda note: None)


def test_lines_fit_100_columns_whatever_the_numbers(progress, capsys):
    progress.fold_begins(0)
    progress.epoch_begins()
    for _ in range(5):
        progress.step_done(0, lambda: None)
    row = {"stage": "a very long name of a stage, longer than any", "epoch": 12_345, "lr": 1e-5, "loss": 123456.7}
    row |= {"val_loss": float("inf"), "lwlrap": 0.5, "val_lwlrap": 0.6, "seconds": 1.0, "clips_per_second": 123456.7}
    progress.epoch_done(0, row, 12_345, best=True)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and max(map(len, lines)) <= 100, lines
    assert lines[0].startswith("About ") and "for this fold" in lines[0]
    assert lines[3].split()[0] == "12345/12345" and "0.600*" in lines[3]
    assert len(lines[2]) == len(lines[3])


def test_a_heading_stands_once_a_stage(progress, capsys):
    row = {"lr": 1.0, "loss": 1.0, "val_loss": 1.0, "lwlrap": 0.5, "val_lwlrap": 0.5, "clips_per_second": 1.0}
    for epoch in (1, 2):
        progress.epoch_begins()
        progress.step_done(0, lambda: None)
        progress.epoch_done(0, row | {"stage": "fit", "epoch": epoch}, 2, best=False)
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["Fold", "epoch", "1/2", "2/2"]


def test_each_step_is_counted_once_without_asking_for_its_logs(progress):
    bar, done = progress.of_steps(0), []
    bar._progress = SimpleNamespace(epoch_begins=list, step_done=lambda fold, wait: done.append(fold))
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", jit_compile=False)
    model.fit(np.zeros((6, 1)), np.zeros((6, 1)), batch_size=2, epochs=2, verbose=0, callbacks=[bar])
    assert done == [0] * 6
    # For whoever asks for the end of a batch Keras fetches the logs of each step.
    assert type(bar).on_train_batch_end is keras.callbacks.Callback.on_train_batch_end
