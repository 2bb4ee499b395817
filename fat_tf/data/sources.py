"""Where training and scoring take whole clips from: memory, the cache's shards, or the sound files.

A source holds the clips of a run as rows 0, 1, ... of one index. Its clips have the time on their first axis:
pictures (frames, mels * channels) float16, or waveforms (samples,) float32. `lengths` counts along it, `window` is
what a model sees at once, and `examples(rows, seed)` is a dataset of (row, clip), in the order of the rows or
shuffled. `to_input` turns a batch of windows into what a model takes, of shape `input_shape`.
"""

import os
from contextlib import AbstractContextManager
from typing import Protocol

import gin
import numpy as np
import pandas as pd
import tensorflow as tf

from fat_tf.audio import FrontEnd
from fat_tf.data.cache import checksums_hold, read_shards
from fat_tf.data.parallel import THREADS, without_autotuning
from fat_tf.notices import progress_bar

SHUFFLE_CLIPS = 2048  # of a streamed set that are mixed at a time


def on_host() -> AbstractContextManager:
    """Within, tensors are in the host's memory: on a GPU a data set would only be in the way."""
    return tf.device("CPU:0")


class ClipSource(Protocol):
    """What batches are cut from."""

    window: int  # in steps: frames or samples
    step_seconds: float
    lengths: np.ndarray  # in steps
    input_shape: tuple[int, ...]
    gives_pictures: bool
    keeps_order: bool  # whether examples come as their rows do, unless they are shuffled

    def examples(self, rows: np.ndarray | tf.Tensor, seed: tf.Tensor | None = None) -> tf.data.Dataset:
        """(row int64, clip) for each of the rows; `seed`, two int32, shuffles them."""
        ...

    def to_input(self, windows: tf.Tensor) -> tf.Tensor:
        """(batch, window, ...) as the clips are stored to (batch, *input_shape) float32."""
        ...


@gin.configurable
def cached_pictures(index: pd.DataFrame, front_end: FrontEnd, memory_gb: float = 4.0) -> ClipSource:
    """Pictures of the feature cache: in memory if they take `memory_gb` at most, streamed from disk otherwise."""
    gigabytes = index["frames"].sum() * front_end.frame_values * 2 / 1e9
    return (MemoryPictures if gigabytes <= memory_gb else StreamedPictures)(index, front_end)


def _ordered(rows: np.ndarray, seed: tf.Tensor | None) -> tf.Tensor:
    rows = tf.cast(rows, tf.int64)
    return rows if seed is None else tf.random.experimental.stateless_shuffle(rows, seed)


class _Pictures:
    """What both sources of cached pictures share."""

    gives_pictures = True

    def __init__(self, index: pd.DataFrame, front_end: FrontEnd):
        self.window = front_end.window_frames
        self.step_seconds = front_end.hop_length / front_end.sample_rate
        self.lengths = index["frames"].to_numpy(np.int64)
        self.input_shape = front_end.picture_shape

    def to_input(self, windows):
        mels, frames, channels = self.input_shape
        pictures = tf.reshape(tf.cast(windows, tf.float32), [-1, frames, mels, channels])
        return tf.transpose(pictures, [0, 2, 1, 3])


class MemoryPictures(_Pictures):
    """All pictures in one array, their frames end to end."""

    keeps_order = True

    def __init__(self, index: pd.DataFrame, front_end: FrontEnd):
        super().__init__(index, front_end)
        self._starts = np.cumsum(self.lengths) - self.lengths
        frames = np.empty((self.lengths.sum(), front_end.frame_values), np.float16)
        places = dict(zip(index["key"], zip(self._starts, self.lengths, strict=True), strict=True))
        stored = without_autotuning(read_shards(_shards(index), front_end.frame_values)).as_numpy_iterator()
        with checksums_hold():
            for key, picture in progress_bar(stored, "Reading log-mels", unit="clip", leave=False, delay=2):
                start, length = places.get(key.decode(), (0, 0))
                frames[start : start + length] = picture[:length]
        with on_host():
            self._frames = tf.constant(frames)

    def examples(self, rows, seed=None):
        starts, lengths = tf.constant(self._starts), tf.constant(self.lengths)
        clips = tf.data.Dataset.from_tensor_slices(_ordered(rows, seed))
        return clips.map(lambda row: (row, self._frames[starts[row] : starts[row] + lengths[row]]))


class StreamedPictures(_Pictures):
    """Pictures read from the shards in each pass; shuffled by shard, then within a buffer."""

    keeps_order = False

    def __init__(self, index: pd.DataFrame, front_end: FrontEnd):
        super().__init__(index, front_end)
        self._values = front_end.frame_values
        self._shards = _shards(index)
        keys = tf.lookup.KeyValueTensorInitializer(index["key"].to_numpy(str), np.arange(len(index)))
        self._row_of = tf.lookup.StaticHashTable(keys, default_value=-1)

    def examples(self, rows, seed=None):
        rows = tf.cast(rows, tf.int64)[:, None]
        nothing = tf.zeros([len(self.lengths) + 1], bool)  # the last one, row -1, is for clips of other data sets
        wanted = tf.tensor_scatter_nd_update(nothing, rows, tf.ones_like(rows[:, 0], bool))
        shards = tf.constant(self._shards)
        shards = shards if seed is None else tf.random.experimental.stateless_shuffle(shards, seed)
        clips = read_shards(shards, self._values)
        clips = clips.map(lambda key, picture: (self._row_of.lookup(key), picture))
        clips = clips.filter(lambda row, _: wanted[row])
        return clips if seed is None else clips.shuffle(SHUFFLE_CLIPS, seed=tf.cast(seed[1], tf.int64))


class Waveforms:
    """Trimmed waveforms, decoded from the sound files in each pass."""

    gives_pictures, keeps_order = False, True

    def __init__(self, index: pd.DataFrame, front_end: FrontEnd):
        self.window = front_end.window_samples
        self.step_seconds = 1 / front_end.sample_rate
        self.input_shape = (front_end.window_samples,)
        self.lengths = index["samples"].to_numpy(np.int64)
        self._paths = [os.fsencode(path) for path in index["path"]]
        self._load = front_end.load

    def examples(self, rows, seed=None):
        paths = tf.constant(self._paths)
        clips = tf.data.Dataset.from_tensor_slices(_ordered(rows, seed))
        return clips.map(lambda row: (row, self._load(paths[row])[0]), THREADS)

    def to_input(self, windows):
        return windows


def _shards(index: pd.DataFrame) -> list[bytes]:
    return sorted(map(os.fsencode, index["shard"].unique()))
