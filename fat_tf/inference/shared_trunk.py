"""Convolutions once over a whole clip, windows cut from their feature maps.

Most of the work of overlapping windows is the same. Windows see their neighbours at the edges instead of zero padding,
and start on the grid of the coarsest map, so scores differ a little from those of windows cut from the picture.
"""

import keras
import numpy as np
import tensorflow as tf

from fat_tf.layers import ConcatPooling2D

POOLINGS = (ConcatPooling2D, keras.layers.GlobalMaxPooling2D, keras.layers.GlobalAveragePooling2D)


class SharedTrunk:
    """A network in two parts.

    Args:
        network: picture (batch, mels, frames, channels) to logits, as `load_network` gives it; it ends in global
            pooling of some maps, and a head.
        window: frames that a model sees at once.
    """

    def __init__(self, network: keras.Model, window: int):
        inner = network.layers[-1]
        poolings = [layer for layer in inner.layers if isinstance(layer, POOLINGS)]
        self._window = window
        self._normalise = network.layers[-2]
        self._trunk = keras.Model(inner.input, [pooling.input for pooling in poolings])
        self._poolings = poolings
        self._head = keras.Model([pooling.output for pooling in poolings], inner.output)
        probe = self._trunk.compute_output_shape((1, *inner.input.shape[1:2], window, inner.input.shape[3]))
        shapes = probe if isinstance(probe, list) else [probe]
        self._factors = [window // shape[2] for shape in shapes]

    @property
    def grid(self) -> int:
        """Frames that the starts of windows are multiples of."""
        return max(self._factors)

    def on_grid(self, starts: np.ndarray, frames: int) -> np.ndarray:
        """The starts nearest to these that lie on the grid, inside of a clip of so many frames."""
        last = (frames - self._window) // self.grid
        return np.unique(np.minimum(np.round(starts / self.grid), last).astype(np.int32)) * self.grid

    def __call__(self, picture: tf.Tensor, starts: tf.Tensor) -> tf.Tensor:
        """Logits (starts, classes) of windows of one picture (1, mels, frames, channels)."""
        maps = tf.nest.flatten(self._trunk(self._normalise(picture), training=False))
        pooled = [
            pooling(_windows(map_[0], starts // factor, self._window // factor))
            for pooling, map_, factor in zip(self._poolings, maps, self._factors, strict=True)
        ]
        return self._head(pooled, training=False)


def _windows(map_: tf.Tensor, starts: tf.Tensor, width: int) -> tf.Tensor:
    """(starts, rows, width, channels) of a map (rows, columns, channels)."""
    columns = starts[:, None] + tf.range(width)
    return tf.transpose(tf.gather(map_, columns, axis=1), [1, 0, 2, 3])
