"""TensorFlow's profile of some training steps."""

import os
from importlib.util import find_spec
from pathlib import Path

import keras
import tensorflow as tf

from fat_tf.notices import warn
from fat_tf.program import install_line
from fat_tf.training.board.harmless import Harmless


class Profile(keras.callbacks.Callback):
    """Profiles steps of a fold into its folder, where TensorBoard's tab Profile finds them.

    Args:
        folder: of the fold.
        steps: the first, and the one after the last; counted from 0 over all stages.
        done: that the optimiser has taken before this fit.
    """

    def __init__(self, folder: Path, steps: tuple[int, int], done: int):
        super().__init__()
        self._folder, (self._first, self._end), self._step = folder, steps, done
        self._is_on = False
        self._harmless = Harmless("There is no profile of these steps")

    def on_train_batch_begin(self, batch, logs=None):
        # As in `_StepBar`, the end of a step is the beginning of the next.
        if self._step == self._first:
            self._harmless(self._start)
        if self._step == self._end:
            self._stop()
        self._step += 1

    def on_epoch_end(self, epoch, logs=None):
        if self._step >= self._end:
            self._stop()

    def on_train_end(self, logs=None):
        self._stop()

    def _start(self) -> None:
        tf.profiler.experimental.start(os.fsencode(self._folder).decode())
        self._is_on = True

    def _stop(self) -> None:
        if self._is_on:
            self._is_on = False
            self.model.optimizer.iterations.numpy()  # until a device has caught up
            self._harmless(tf.profiler.experimental.stop)


def check_viewer() -> None:
    """Say so where TensorBoard has no tab to show a profile in."""
    if find_spec("tensorboard_plugin_profile") is None:
        warn(f"TensorBoard shows the profile with a plugin alone: {install_line('profile')}")


def warn_beyond(steps: tuple[int, int], taken: int, fold: int) -> None:
    """Say so where a fold took too few steps for its profile."""
    if steps[0] >= taken:
        warn(f"There is no profile of fold {fold}: it took {taken} steps, and Recipe.profile begins with {steps[0]}")
