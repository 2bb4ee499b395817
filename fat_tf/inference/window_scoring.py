"""Pictures of whole clips to scores by the models of a group, in three ways.

Each scorer takes names and pictures of clips, (mels, frames, channels) float32 dB, and gives (clips, classes) float64:
the mean over a clip's windows of the weighted sum of the sigmoids of the group's models.
"""

import math
import zlib
from collections.abc import Iterable, Sequence

import numpy as np
import tensorflow as tf

from fat_tf.data.windows import random_starts, regular_starts
from fat_tf.inference.run_models import Group
from fat_tf.inference.shared_trunk import SharedTrunk, on_grid
from fat_tf.models.scoring import check_any_width


def weighted_sigmoids(logits: Iterable[tf.Tensor], weights: Sequence[float]) -> tf.Tensor:
    """Sum of weight · sigmoid(logits) in float64."""
    return tf.add_n([w * tf.sigmoid(tf.cast(x, tf.float64)) for x, w in zip(logits, weights, strict=True)])


class WindowScorer:
    """Cuts windows from the pictures; batches hold windows of several clips."""

    def __init__(self, group: Group, placement: str, windows: int, seed: int):
        self._placement, self._count, self._seed = placement, windows, seed
        self.window = group.front_end.window_frames

        def infer(batch):
            return weighted_sigmoids((network(batch, training=False) for network in group.networks), group.weights)

        self._infer = tf.function(infer, [tf.TensorSpec([None, *group.front_end.picture_shape])])

    def windows(self, frames: int) -> int:
        """Windows that a clip of so many frames adds to a batch, at most."""
        return self._count if frames > self.window else 1

    def starts(self, fname: str, frames: int) -> np.ndarray:
        """First frames of a clip's windows; random ones depend on the seed and on its name."""
        if self._placement == "regular":
            return regular_starts(frames, self.window, self._count)
        return random_starts(frames, self.window, self._count, (self._seed, zlib.crc32(fname.encode())))

    def __call__(self, fnames: Sequence[str], pictures: Sequence[np.ndarray]) -> np.ndarray:
        cut = [self._cut(fname, picture) for fname, picture in zip(fnames, pictures, strict=True)]
        scores = self._infer(np.concatenate(cut)).numpy()
        counts = np.array([len(windows) for windows in cut])
        return np.add.reduceat(scores, np.cumsum(counts) - counts) / counts[:, None]

    def _cut(self, fname: str, picture: np.ndarray) -> np.ndarray:
        starts = self.starts(fname, picture.shape[1])
        return np.stack([picture[:, start : start + self.window] for start in starts])


class SharedTrunkScorer(WindowScorer):
    """Cuts windows from the feature maps of the whole clip, one clip after the other."""

    def __init__(self, group: Group, placement: str, windows: int, seed: int):
        super().__init__(group, placement, windows, seed)
        parts = [SharedTrunk(network, self.window) for network in group.networks]
        self._grid = math.lcm(*(part.grid for part in parts))
        mels, _, channels = group.front_end.picture_shape

        def infer(picture, starts):
            return tf.reduce_mean(weighted_sigmoids((part(picture, starts) for part in parts), group.weights), axis=0)

        specs = [tf.TensorSpec([1, mels, None, channels]), tf.TensorSpec([None], tf.int32)]
        self._infer = tf.function(infer, specs)

    def __call__(self, fnames: Sequence[str], pictures: Sequence[np.ndarray]) -> np.ndarray:
        frames = [picture.shape[1] for picture in pictures]
        lasts = [n - self.window for n in frames]
        of_clips = zip(fnames, frames, lasts, strict=True)
        starts = [on_grid(self.starts(fname, n), self._grid, last) for fname, n, last in of_clips]
        return np.stack([self._infer(picture[None], s).numpy() for picture, s in zip(pictures, starts, strict=True)])


class WholeClipScorer:
    """Shows the models whole clips, one after the other.

    Raises:
        UserError: a model that takes pictures of one width alone.
    """

    def __init__(self, group: Group):
        mels, frames, channels = group.front_end.picture_shape
        for network in group.networks:
            check_any_width(network, frames)

        def infer(picture):
            return weighted_sigmoids((network(picture, training=False) for network in group.networks), group.weights)

        self._infer = tf.function(infer, [tf.TensorSpec([1, mels, None, channels])])

    def windows(self, frames: int) -> int:
        """A clip counts as one window."""
        return 1

    def __call__(self, fnames: Sequence[str], pictures: Sequence[np.ndarray]) -> np.ndarray:
        return np.concatenate([self._infer(picture[None]).numpy() for picture in pictures])
