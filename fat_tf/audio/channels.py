"""Channels to one: their mean, or the loudest one where they cancel each other out."""

from functools import reduce

import numpy as np
import tensorflow as tf

CANCELLED = 0.01  # of the energy that the mean of unrelated channels has
TELLING = 1000  # samples: the mean of fewer may be next to nothing by chance


class MixDown:
    """The mean of the channels, block by block, and whether it is the sound that they have.

    Args:
        channel: take this one instead of the mean.
    """

    def __init__(self, channel: int | None = None):
        self._channel = channel
        self._of_each, self._of_mean, self._samples = np.zeros(1), 0.0, 0

    def __call__(self, block: np.ndarray) -> np.ndarray:
        """(samples,) float32 of a block (samples, channels)."""
        if block.shape[1] == 1:
            return block[:, 0]
        if self._channel is not None:
            return block[:, min(self._channel, block.shape[1] - 1)]
        mean = reduce(np.add, block.T) / block.shape[1]  # ten times as fast as the mean of short rows
        of_each = np.array([channel @ channel for channel in block.T], np.float64)
        self._of_each = of_each + np.resize(self._of_each, len(of_each))
        self._of_mean += float(mean @ mean)
        self._samples += len(mean)
        return mean

    @property
    def loudest(self) -> int | None:
        """The loudest channel, if the channels cancel each other out in their mean."""
        is_lost = _is_lost(self._of_mean, self._of_each.sum(), len(self._of_each))
        return int(self._of_each.argmax()) if is_lost and self._samples >= TELLING else None


def cancel(by_frame: tf.Tensor, mean: tf.Tensor) -> tf.Tensor:
    """Whether the channels of (samples, channels) cancel each other out in their mean (samples,); works in a graph."""
    samples, channels = tf.unstack(tf.shape(by_frame))
    energies = tf.reduce_sum(tf.square(mean)), tf.reduce_sum(tf.square(by_frame))
    return tf.logical_and(samples >= TELLING, _is_lost(*energies, tf.cast(channels, tf.float32)))


def mixed(by_frame: tf.Tensor) -> tf.Tensor:
    """One channel (samples,) of (samples, channels) as `MixDown` has it; works in a graph."""
    mean = tf.reduce_mean(by_frame, axis=1)
    loudest = tf.argmax(tf.reduce_sum(tf.square(by_frame), axis=0))
    return tf.cond(cancel(by_frame, mean), lambda: tf.gather(by_frame, loudest, axis=1), lambda: mean)


def _is_lost(of_mean, of_all, channels):
    """Whether a mean has next to nothing of the channels' energy; unrelated ones leave it the mean / channels."""
    return of_mean < CANCELLED * of_all / channels**2
