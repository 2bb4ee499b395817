"""Silence at both ends of a clip, cut as librosa.effects.trim cuts it."""

import numpy as np
import tensorflow as tf

HOP = 512  # samples; librosa's default
BLOCKS = 4  # hops in a frame of 2048 samples, librosa's default
AMIN = 1e-10  # mean square that counts as silence


def trim_silence(samples: tf.Tensor, top_db: float = 60.0) -> tf.Tensor:
    """Cut leading and trailing frames whose RMS is `top_db` or more below the loudest frame's.

    Equals `librosa.effects.trim` (frames of 2048 samples every 512, centred, over zero padding; reference: the
    maximum; amin 1e-5). A clip of digital silence stays as it is.

    Args:
        samples: (samples,) float32.
        top_db: dB.

    Returns:
        (samples left,) float32.
    """
    power = tf.maximum(_frame_power(samples), AMIN)
    loud = tf.cast(tf.where(power > tf.reduce_max(power) * 10.0 ** (-top_db / 10.0))[:, 0], tf.int32)
    return samples[loud[0] * HOP : (loud[-1] + 1) * HOP]


def _frame_power(samples: tf.Tensor) -> tf.Tensor:
    """Mean square (1 + samples // HOP,) of each centred frame, summed up from blocks of a hop."""
    whole = tf.size(samples) // HOP
    blocks = tf.reshape(samples[: whole * HOP], [-1, HOP])
    rest = tf.reduce_sum(tf.square(samples[whole * HOP :]), keepdims=True)
    energy = tf.concat([tf.reduce_sum(tf.square(blocks), axis=1), rest], axis=0)
    padded = tf.pad(energy, [[BLOCKS // 2, BLOCKS // 2]])
    return tf.add_n([padded[i : i + whole + 1] for i in range(BLOCKS)]) / (HOP * BLOCKS)


class SilenceMeter:
    """What `trim_silence` keeps of a clip that comes in blocks."""

    def __init__(self):
        self._rest = np.zeros(0, np.float32)
        self._energy: list[np.ndarray] = []  # of each hop, in arrays
        self._samples = 0

    def add(self, block: np.ndarray) -> None:
        """The next samples (samples,) float32."""
        self._samples += len(block)
        samples = np.concatenate([self._rest, block])
        whole = len(samples) // HOP * HOP
        self._rest = samples[whole:]
        self._energy.append(np.square(samples[:whole].reshape(-1, HOP)).sum(axis=1))

    def loud_part(self, top_db: float) -> tuple[int, int]:
        """First sample that is kept, and the one after the last."""
        energy = np.concatenate([*self._energy, np.square(self._rest).sum(keepdims=True)])
        padded = np.pad(energy, BLOCKS // 2)
        power = sum(padded[i : i + len(energy)] for i in range(BLOCKS)) / (HOP * BLOCKS)
        power = np.maximum(power, AMIN)
        loud = np.flatnonzero(power > power.max() * 10.0 ** (-top_db / 10.0))
        return int(loud[0]) * HOP, min((int(loud[-1]) + 1) * HOP, self._samples)
