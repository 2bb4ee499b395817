"""Pictures of whole clips to scores by the models of a group, in three ways.

Each scorer takes names and pictures of clips, (mels, frames, channels) float32 dB, and gives (clips, classes) float64:
the mean over a clip's windows of the weighted sum of the sigmoids of the group's models.
"""

import math
import zlib
from collections.abc import Iterable, Sequence

import numpy as np
import tensorflow as tf

from fat_tf.audio import FrontEnd
from fat_tf.audio.decode import LONG_SECONDS
from fat_tf.data.windows import random_starts, regular_starts
from fat_tf.inference.run_models import Group
from fat_tf.inference.shared_trunk import SharedTrunk, on_grid
from fat_tf.models.scoring import check_any_width
from fat_tf.notices import warn


def long_frames(front_end: FrontEnd) -> int:
    """Frames of the longest picture that a model sees at once: its maps of an hour would take many gigabytes."""
    return max(int(LONG_SECONDS * front_end.sample_rate) // front_end.hop_length, front_end.window_frames)


def weighted_sigmoids(logits: Iterable[tf.Tensor], weights: Sequence[float]) -> tf.Tensor:
    """Sum of weight · sigmoid(logits) in float64."""
    return tf.add_n([w * tf.sigmoid(tf.cast(x, tf.float64)) for x, w in zip(logits, weights, strict=True)])


class WindowScorer:
    """Cuts windows from the pictures; batches hold windows of several clips."""

    def __init__(self, group: Group, placement: str, windows: int, seed: int, batch_size: int):
        self._placement, self._count, self._seed, self._batch_size = placement, windows, seed, batch_size
        self.window = group.front_end.window_frames

        def infer(batch):
            return weighted_sigmoids((network(batch, training=False) for network in group.networks), group.weights)

        self._infer_windows = tf.function(infer, [tf.TensorSpec([None, *group.front_end.picture_shape])])

    def windows(self, frames: int) -> int:
        """Windows that a clip of so many frames adds to a batch, at most."""
        return self._count if frames > self.window else 1

    def starts(self, fname: str, frames: int) -> np.ndarray:
        """First frames of a clip's windows; random ones depend on the seed and on its name."""
        if self._placement == "regular":
            return regular_starts(frames, self.window, self._count)
        return random_starts(frames, self.window, self._count, (self._seed, zlib.crc32(fname.encode())))

    def __call__(self, fnames: Sequence[str], pictures: Sequence[np.ndarray]) -> np.ndarray:
        starts = [self.starts(fname, picture.shape[1]) for fname, picture in zip(fnames, pictures, strict=True)]
        places = [(picture, start) for picture, of_clip in zip(pictures, starts, strict=True) for start in of_clip]
        batches = (places[first : first + self._batch_size] for first in range(0, len(places), self._batch_size))
        scores = np.concatenate([self._infer_windows(self._cut(batch)) for batch in batches])
        counts = np.array([len(of_clip) for of_clip in starts])
        return np.add.reduceat(scores, np.cumsum(counts) - counts) / counts[:, None]

    def _cut(self, places: Sequence[tuple[np.ndarray, int]]) -> np.ndarray:
        return np.stack([picture[:, start : start + self.window] for picture, start in places])


class SharedTrunkScorer(WindowScorer):
    """Cuts windows from the feature maps of the whole clip, one clip after the other.

    They are cut from the picture where the clip has room for them side by side, so that they share nothing, and where
    it is long.
    """

    def __init__(self, group: Group, placement: str, windows: int, seed: int, batch_size: int):
        super().__init__(group, placement, windows, seed, batch_size)
        self._longest = min(windows * self.window, long_frames(group.front_end))
        parts = [SharedTrunk(network, self.window) for network in group.networks]
        self._grid = math.lcm(*(part.grid for part in parts))
        mels, _, channels = group.front_end.picture_shape

        def infer(picture, starts):
            return tf.reduce_mean(weighted_sigmoids((part(picture, starts) for part in parts), group.weights), axis=0)

        specs = [tf.TensorSpec([1, mels, None, channels]), tf.TensorSpec([None], tf.int32)]
        self._infer_shared = tf.function(infer, specs)

    def __call__(self, fnames: Sequence[str], pictures: Sequence[np.ndarray]) -> np.ndarray:
        return np.stack([self._score(*clip) for clip in zip(fnames, pictures, strict=True)])

    def _score(self, fname: str, picture: np.ndarray) -> np.ndarray:
        frames = picture.shape[1]
        if frames > self._longest:
            return super().__call__([fname], [picture])[0]
        starts = on_grid(self.starts(fname, frames), self._grid, frames - self.window)
        return self._infer_shared(picture[None], starts).numpy()


class WholeClipScorer:
    """Shows the models whole clips, one after the other; of long ones equal parts, whose scores are averaged.

    Raises:
        UserError: a model that takes pictures of one width alone.
    """

    def __init__(self, group: Group):
        mels, frames, channels = group.front_end.picture_shape
        for network in group.networks:
            check_any_width(network, frames)
        self._longest = long_frames(group.front_end)

        def infer(picture):
            return weighted_sigmoids((network(picture, training=False) for network in group.networks), group.weights)

        self._infer = tf.function(infer, [tf.TensorSpec([1, mels, None, channels])])

    def windows(self, frames: int) -> int:
        """A clip counts as one window."""
        return 1

    def __call__(self, fnames: Sequence[str], pictures: Sequence[np.ndarray]) -> np.ndarray:
        return np.stack([self._score(*clip) for clip in zip(fnames, pictures, strict=True)])

    def _score(self, fname: str, picture: np.ndarray) -> np.ndarray:
        parts = math.ceil(picture.shape[1] / self._longest)
        if parts > 1:
            warn(f"{fname or 'the sound'} is too long to be seen whole: {parts} equal parts of it are, for their mean")
        return np.mean([self._infer(part[None])[0] for part in np.array_split(picture, parts, axis=1)], axis=0)
