"""Mel power by matrix products, where there is no FFT of the length: LiteRT's takes powers of two alone."""

import numpy as np
import tensorflow as tf


def mel_power(frames: tf.Tensor, filters: np.ndarray, one: tf.Tensor) -> tf.Tensor:
    """|DFT|² of real frames times mel filters; the DFT in two stages (Cooley and Tukey, 1965).

    X[k1 + n1·k2] = Σ_b exp(−2πi·b·(k1 + n1·k2) / N) · Σ_a x[n2·a + b] · exp(−2πi·a·k1 / n1) with N = n1·n2, a and k1
    below n1, b and k2 below n2. A real frame has the same powers at k and N − k, so k1 need not go beyond n1 / 2. About
    (n1 + 2·n2) / N of the work of one large product.

    Args:
        frames: (count, N) float32, N even.
        filters: (1 + N // 2, mels) float32.
        one: the number 1; all matrices are multiplied by it.

    Returns:
        (count, mels) float32.
    """
    size = frames.shape[-1]
    n1, n2 = _factors(size)
    places = np.arange(n1 // 2 + 1)[:, None] + n1 * np.arange(n2)  # k by k1 and k2
    inner = tf.matmul(one * _first(n1), tf.reshape(frames, [-1, n1, n2]))
    by_k1 = tf.transpose(tf.reshape(inner, [-1, len(places), 2 * n2]), [1, 0, 2])
    squares = tf.square(tf.matmul(by_k1, one * _second(places, size)))
    return tf.reduce_sum(tf.matmul(squares, one * _filters_of_squares(filters, places, size)), axis=0)


def _factors(size: int) -> tuple[int, int]:
    """Two factors, as near to each other as can be."""
    smaller = max(n for n in range(1, int(size**0.5) + 1) if size % n == 0)
    return smaller, size // smaller


def _waves(turns: np.ndarray) -> np.ndarray:
    """exp(−2πi · turns) complex64."""
    return np.exp(-2j * np.pi * turns).astype(np.complex64)


def _first(n1: int) -> np.ndarray:
    """From a to k1, the real and then the imaginary part of each: (2 · (1 + n1 // 2), n1) float32."""
    waves = _waves(np.outer(np.arange(n1 // 2 + 1), np.arange(n1)) / n1)
    return np.stack([waves.real, waves.imag], axis=1).reshape(-1, n1)


def _second(places: np.ndarray, size: int) -> np.ndarray:
    """From b to k2 for each k1, real parts before imaginary ones in both: (k1, 2 · n2, 2 · n2) float32."""
    waves = _waves(np.arange(places.shape[1])[:, None] * places[:, None] / size)
    return np.block([[waves.real, waves.imag], [-waves.imag, waves.real]])


def _filters_of_squares(filters: np.ndarray, places: np.ndarray, size: int) -> np.ndarray:
    """The filters' rows for each k1, shared by places of the same power: (k1, 2 · n2, mels) float32."""
    bins = np.minimum(places, size - places)
    shares = filters / np.bincount(bins.ravel())[:, None].astype(np.float32)
    return np.tile(shares[bins], (1, 2, 1))
