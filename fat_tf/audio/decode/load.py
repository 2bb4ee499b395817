"""One sound file as a step of a graph: the decoder that suits its bytes, then the wanted rate."""

import os

import numpy as np
import soxr
import tensorflow as tf

from fat_tf.audio.decode.by_soundfile import decode_anything
from fat_tf.audio.decode.by_tensorflow_io import canonical_wav, decode_canonical_wav, tensorflow_io_works


def load_audio(path: tf.Tensor, sample_rate: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Read one sound file as mono samples; works in a graph.

    WAV (8, 16, 24, 32-bit, float, extensible), FLAC, Ogg Vorbis, MP3, AIFF and whatever else libsndfile
    reads; all channels averaged; resampled with soxr where the file's rate differs.

    Args:
        path: scalar string.
        sample_rate: wanted rate in Hz.

    Returns:
        (samples, error): float32 (samples,) in [-1, 1], and a scalar string that is empty on success. A file
        that cannot be decoded, has no samples or a single one, fewer than its header promises, or some that are
        not finite, gives no samples and a text that says so.
    """
    contents = tf.io.read_file(path)
    samples, rate, error = _decode(contents)
    samples, error = tf.cond(
        tf.logical_or(rate == sample_rate, error != ""),
        lambda: (samples, error),
        lambda: _numpy(_resample, [samples, rate, sample_rate], (tf.float32, tf.string)),
    )
    return tf.ensure_shape(samples, [None]), tf.ensure_shape(error, [])


def _decode(contents: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """(samples, rate in Hz, error) by the decoder that suits these bytes."""

    def by_soundfile():
        return _numpy(decode_anything, [contents], (tf.float32, tf.int32, tf.string))

    if not tensorflow_io_works():  # not a tf.cond: both of its branches are built
        return by_soundfile()
    canonical, rate = canonical_wav(contents)
    return tf.cond(canonical, lambda: (decode_canonical_wav(contents), rate, ""), by_soundfile)


def _numpy(function, inputs, dtypes) -> tuple[tf.Tensor, ...]:
    """`function` as a step of the graph, with the static shapes that TensorFlow cannot know: samples, then scalars."""
    outputs = tf.numpy_function(function, inputs, dtypes, stateful=False)
    return tuple(tf.ensure_shape(out, [None] if i == 0 else []) for i, out in enumerate(outputs))


def _resample(samples: np.ndarray, rate: int, wanted: int) -> tuple[np.ndarray, bytes]:
    """(samples at the wanted rate in Hz, error)."""
    resampled = soxr.resample(samples, float(rate), float(wanted)).astype(np.float32)
    return resampled, b"" if len(resampled) else f"no samples after resampling from {rate} Hz".encode()


def why_unreadable(path: str | os.PathLike) -> str:
    """Why this file cannot be opened, or an empty text."""
    try:
        with open(path, "rb"):
            return ""
    except OSError as error:
        return error.strerror or str(error)
