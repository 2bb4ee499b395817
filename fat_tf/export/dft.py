"""Mel power by matrix products, where there is no FFT of the length: LiteRT's takes powers of two alone."""

import numpy as np
import tensorflow as tf


def mel_power(frames: tf.Tensor, filters: np.ndarray, one: tf.Tensor) -> tf.Tensor:
    """|DFT|² of real frames times mel filters; the DFT in two stages (Cooley and Tukey, 1965).

    X[k1 + n1·k2] = Σ_b exp(−2πi·b·k2 / n2) · exp(−2πi·b·k1 / N) · Σ_a x[n2·a + b] · exp(−2πi·a·k1 / n1) with
    N = n1·n2, a and k1 below n1, b and k2 below n2. About 2 (n1 + n2) / N of the work of one large product.

    Args:
        frames: (count, N) float32, N even.
        filters: (1 + N // 2, mels) float32.
        one: the number 1; all matrices are multiplied by it.

    Returns:
        (count, mels) float32.
    """
    size = frames.shape[-1]
    n1, n2 = _factors(size)
    half = n2 // 2 + 1  # as many k2 as the lower half of the spectrum needs
    columns = tf.reshape(tf.transpose(tf.reshape(frames, [-1, n1, n2]), [0, 2, 1]), [-1, n1])
    inner = tf.reshape(tf.matmul(columns, one * _beside(_waves(n1, n1, n1))), [-1, n2, 2 * n1])
    real, imaginary, turn = inner[..., :n1], inner[..., n1:], _waves(n2, n1, size)
    turned = [real * turn.real - imaginary * turn.imag, real * turn.imag + imaginary * turn.real]
    rows = tf.reshape(tf.transpose(tf.concat(turned, axis=1), [0, 2, 1]), [-1, 2 * n2])
    outer = _waves(n2, half, n2)
    spectrum = tf.matmul(rows, one * np.concatenate([_beside(outer), _beside(1j * outer)]))
    squares = tf.reshape(tf.square(spectrum), [-1, n1 * 2 * half])  # by k1, then real or imaginary part, then k2
    return tf.matmul(squares, one * _filters_of_squares(filters, n1, half))


def _factors(size: int) -> tuple[int, int]:
    """Two factors, as near to each other as can be."""
    smaller = max(n for n in range(1, int(size**0.5) + 1) if size % n == 0)
    return smaller, size // smaller


def _waves(rows: int, columns: int, period: int) -> np.ndarray:
    """exp(−2πi · row · column / period) (rows, columns) complex64."""
    return np.exp(-2j * np.pi * np.outer(np.arange(rows), np.arange(columns)) / period).astype(np.complex64)


def _beside(matrix: np.ndarray) -> np.ndarray:
    """Real parts, then imaginary ones: (rows, 2 · columns) float32."""
    return np.concatenate([matrix.real, matrix.imag], axis=1)


def _filters_of_squares(filters: np.ndarray, n1: int, half: int) -> np.ndarray:
    """The filters' rows in the order of the squares, zeros above the lower half of the spectrum."""
    padded = np.pad(filters, [[0, n1 * half - len(filters)], [0, 0]])
    by_k1 = padded.reshape(half, n1, -1).transpose(1, 0, 2)
    return np.concatenate([by_k1, by_k1], axis=1).reshape(n1 * 2 * half, -1)
