"""Convolutions once over a whole clip, windows cut from their feature maps.

Most of the work of overlapping windows is the same. Windows see their neighbours at the edges instead of zero padding,
and start on the grid of the coarsest map, so scores differ a little from those of windows cut from the picture.
"""

import math

import keras
import numpy as np
import tensorflow as tf

from fat_tf.errors import UserError
from fat_tf.layers import ConcatPooling2D, TimeMaxFrequencyMean
from fat_tf.models.scoring import check_any_width

POOLINGS = (ConcatPooling2D, TimeMaxFrequencyMean, keras.layers.GlobalMaxPooling2D, keras.layers.GlobalAveragePooling2D)


class SharedTrunk:
    """A network in two parts.

    grid: frames that the starts of windows are multiples of.

    Args:
        network: picture (batch, mels, frames, channels) to logits, as `load_network` gives it; it ends in global
            pooling of some maps, and a head.
        window: frames that a model sees at once.

    Raises:
        UserError: a network that cannot be divided so.
    """

    def __init__(self, network: keras.Model, window: int):
        check_any_width(network, window)
        self._window = window
        self._normalise, inner = network.layers[-2:]
        self._poolings = [layer for layer in inner.layers if isinstance(layer, POOLINGS)]
        if not self._poolings:
            raise _not_shared(network, "it does not pool its maps globally, or does so inside of another model")
        try:
            self._trunk = keras.Model(inner.input, [pooling.input for pooling in self._poolings])
            self._head = keras.Model([pooling.output for pooling in self._poolings], inner.output)
        except ValueError as error:  # something leads past the poolings
            raise _not_shared(network, "its head sees more than the pooled maps") from error
        if set(self._poolings) & set(self._trunk.layers):
            raise _not_shared(network, "its maps depend on a pooling of the whole picture")
        probe = self._trunk.compute_output_shape((1, *inner.input.shape[1:2], window, inner.input.shape[3]))
        widths = [shape[2] for shape in (probe if isinstance(probe, list) else [probe])]
        self._factors = [round(window / width) for width in widths]
        if any(window // factor != width for factor, width in zip(self._factors, widths, strict=True)):
            raise _not_shared(network, f"{window} frames make maps of {widths} columns, which are on no grid")
        self.grid = math.lcm(*self._factors)

    def __call__(self, picture: tf.Tensor, starts: tf.Tensor) -> tf.Tensor:
        """Logits (starts, classes) of windows of one picture (1, mels, frames, channels)."""
        maps = tf.nest.flatten(self._trunk(self._normalise(picture), training=False))
        pooled = [
            pooling(_windows(map_[0], starts // factor, self._window // factor))
            for pooling, map_, factor in zip(self._poolings, maps, self._factors, strict=True)
        ]
        return self._head(pooled, training=False)


def _not_shared(network: keras.Model, reason: str) -> UserError:
    return UserError(f"{network.name} has no trunk to share: {reason}. Leave out Prediction.shared_trunk")


def on_grid(starts: np.ndarray, grid: int, last: int) -> np.ndarray:
    """The multiples of the grid nearest to these starts, up to the last possible one."""
    return np.unique(np.minimum(np.round(starts / grid), last // grid).astype(np.int32)) * grid


def _windows(map_: tf.Tensor, starts: tf.Tensor, width: int) -> tf.Tensor:
    """(starts, rows, width, channels) of a map (rows, columns, channels)."""
    columns = starts[:, None] + tf.range(width)
    return tf.transpose(tf.gather(map_, columns, axis=1), [1, 0, 2, 3])
