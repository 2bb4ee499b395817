"""Sample rates in the graph: one matrix product for each block of samples.

M samples at one rate last as long as L at the other, so each block of L is the same linear function of the M samples
below it and the filter's reach beside them. The filter is a Kaiser-windowed sinc (Kaiser, 1974), as soxr's is.
"""

import math

import numpy as np
import tensorflow as tf
from scipy.signal import firwin, kaiser_beta

RATES = (8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 96000)  # Hz, that recorders and networks use
PASSED, STOPPED = 0.913, 1.0  # of the lower Nyquist frequency; soxr's
ATTENUATION = 120.0  # dB
SMALLEST_BLOCK = 128  # samples; smaller ones overlap so much that the product is mostly copying
WIDTH = 2.285 * math.pi  # Kaiser's formula: taps = (attenuation − 7.95) / (2.285 · transition in radians)


def resample(samples: tf.Tensor, rate: int, wanted: int) -> tf.Tensor:
    """Resample one clip; the phase does not change.

    Flat within 0.1 dB up to 0.9 of the lower Nyquist frequency, images and aliases below −100 dB.

    Args:
        samples: (samples,) float32.
        rate, wanted: Hz.

    Returns:
        (round(samples · wanted / rate),) float32.
    """
    if rate == wanted:
        return samples
    up, down = wanted // math.gcd(rate, wanted), rate // math.gcd(rate, wanted)
    more = math.ceil(SMALLEST_BLOCK / down)
    up, down = up * more, down * more
    matrix, reach = block_matrix(up, down)
    size = tf.size(samples, tf.int64)
    length = (2 * size * up + down) // (2 * down)
    blocks = -(-length // up)
    padded = tf.pad(samples, [[reach, tf.maximum(blocks * down - size, 0) + reach]])
    frames = tf.signal.frame(padded, down + 2 * reach, down)
    return tf.reshape(tf.matmul(frames, matrix), [-1])[:length]


def block_matrix(up: int, down: int) -> tuple[np.ndarray, int]:
    """((down + 2 · reach, up) float32 from samples to a block of new ones, reach of the filter in samples)."""
    taps = (ATTENUATION - 7.95) / (WIDTH * (STOPPED - PASSED)) * max(up, down)
    half = math.ceil(taps / 2)
    cutoff = (PASSED + STOPPED) / 2 / max(up, down)
    kernel = up * firwin(2 * half + 1, cutoff, window=("kaiser", kaiser_beta(ATTENUATION)))
    reach = math.ceil(half / up)
    lag = np.arange(up) * down - (np.arange(down + 2 * reach)[:, None] - reach) * up
    return np.where(np.abs(lag) <= half, kernel[np.clip(lag + half, 0, 2 * half)], 0).astype(np.float32), reach
