"""Scores of the clips of a source, and the window that decides them."""

import keras
import numpy as np
import tensorflow as tf
from scipy.special import expit

from fat_tf.training.source_scorer import SourceScorer

WINDOW = 4


class Steps:
    """Clips of one value a step."""

    gives_pictures, input_shape, window, step_seconds = True, (WINDOW,), WINDOW, 0.5

    def __init__(self, *clips):
        self._clips, self.lengths = tf.ragged.constant(clips, tf.float32), np.array([len(clip) for clip in clips])

    def examples(self, rows, seed=None):
        return tf.data.Dataset.from_tensor_slices(tf.constant(rows)).map(lambda row: (row, self._clips[row]))

    def to_input(self, windows):
        return windows


def test_scores_are_means_of_windows_and_the_highest_window_is_told():
    """Class 0 hears the mean of a window, class 1 its opposite."""
    window = keras.Input((WINDOW,))
    mean = keras.ops.mean(window, axis=1, keepdims=True)
    model = keras.Model(window, keras.ops.concatenate([mean, -mean], axis=1))
    source = Steps([9] * 4, [0, 0, 0, 0, 8, 8, 8, 8, 0, 0, 0, 0], [-9] * 4 + [1] * 4, [1, 1, 1, 1])
    scored = SourceScorer(model, source)(np.array([1, 2, 3]), np.zeros((4, 2), np.float32), windows=3)
    np.testing.assert_allclose(scored.starts, [2.0, 0.0, 0.0])  # the second clip: class 1 in its first window
    np.testing.assert_allclose(scored.scores[0, 0], np.mean(expit(np.array([0, 8, 0]))), rtol=1e-6)
