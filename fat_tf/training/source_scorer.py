"""Clips to scores: regular windows through the model, mean of their sigmoids."""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from scipy.special import expit

from fat_tf.data.batches import count_windows, window_batches
from fat_tf.data.cache import checksums_hold
from fat_tf.data.sources import ClipSource
from fat_tf.notices import progress_bar
from fat_tf.training.losses import Loss, SummedCrossEntropy

BATCH = 64  # windows


@dataclass(frozen=True)
class SourceScores:
    """scores (clips, classes) float64, means of the sigmoids; loss: of a window, in the mean.

    starts (clips,): seconds from the beginning of the trimmed clip to the window that has the highest score of all.
    """

    scores: np.ndarray
    loss: float
    starts: np.ndarray


class SourceScorer:
    """Scores rows of a source with a model; kept, so that its graph is traced once."""

    def __init__(self, model: keras.Model, source: ClipSource, loss: Loss = SummedCrossEntropy()):  # noqa: B008
        self._source = source

        def infer(batch, labels):
            logits = tf.cast(model(batch, training=False), tf.float32)
            with tf.name_scope("loss"):
                return logits, loss(labels, logits)

        specs = [tf.TensorSpec([None, *source.input_shape]), tf.TensorSpec([None, None])]
        self._infer = tf.function(infer, specs).get_concrete_function()  # now: validation is timed

    @property
    def graph(self) -> tf.Graph:
        """Of a batch's scores and losses."""
        return self._infer.graph

    def __call__(self, rows: np.ndarray, targets: np.ndarray, windows: int) -> SourceScores:
        """Score clips.

        Args:
            rows: (clips,) of the source.
            targets: (all rows of the source, classes), for the loss.
            windows: regular windows a clip.
        """
        sums, (counts, losses, highest, starts) = np.zeros((len(rows), targets.shape[1])), np.zeros((4, len(rows)))
        place_of = np.zeros(len(targets), np.int64)
        place_of[rows] = np.arange(len(rows))
        batches = window_batches(self._source, rows, windows, BATCH)
        total = -(-count_windows(self._source, rows, windows) // BATCH)
        bar = progress_bar(batches, "Scoring", total, leave=False, unit="batch", delay=2)
        with checksums_hold():
            for row, start, batch in bar:
                logits, costs = self._infer(batch, tf.constant(targets[row], tf.float32))
                scores, place = expit(logits.numpy().astype(np.float64)), place_of[row]
                np.add.at(sums, place, scores)
                np.add.at(counts, place, 1)
                np.add.at(losses, place, costs.numpy())
                np.maximum.at(highest, place, scores.max(axis=1))
                is_highest = scores.max(axis=1) == highest[place]
                starts[place[is_highest]] = start[is_highest]
        sums /= counts[:, None]
        return SourceScores(sums, float(np.mean(losses / counts)), starts * self._source.step_seconds)
