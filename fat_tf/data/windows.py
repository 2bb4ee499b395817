"""Where the windows of a clip start: the one place that says it, for NumPy and for graphs."""

import numpy as np
import tensorflow as tf


def regular_starts(length: int, window: int, count: int) -> np.ndarray:
    """Starts of `count` windows spread evenly over a clip; equal ones once, a single one in the middle."""
    return regular_starts_of(np.array([length]), window, count)[0]


def regular_starts_of(lengths: np.ndarray, window: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """`regular_starts` of many clips: those of all, end to end, and how many each clip has; both int64."""
    last = lengths[:, None] - window
    starts = np.round(np.arange(count) * (last / (count - 1)) if count > 1 else last / 2).astype(np.int64)
    is_new = np.diff(starts, axis=1, prepend=-1) > 0
    return starts[is_new], is_new.sum(axis=1)


def random_starts(length: int, window: int, count: int, seed: tuple[int, ...]) -> np.ndarray:
    """Starts of `count` windows drawn uniformly over a clip; equal ones once."""
    return np.unique(np.random.default_rng(seed).integers(0, length - window, count, endpoint=True))


def regular_starts_in_graph(length: tf.Tensor, window: int, count: int) -> tuple[tf.Tensor, tf.Tensor]:
    """`regular_starts` of a length that a graph knows when it runs.

    Returns:
        (starts (count,) int32, (count,) bool: which are not those of the window before again).
    """
    last = tf.cast(length - window, tf.float64)
    steps = tf.range(count, dtype=tf.float64)
    places = steps * (last / (count - 1)) if count > 1 else last[None] / 2
    starts = tf.cast(tf.round(places), tf.int32)
    return starts, tf.concat([[True], starts[1:] != starts[:-1]], axis=0)
