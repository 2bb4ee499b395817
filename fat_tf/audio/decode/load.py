"""One sound file as a step of a graph: the decoder that suits its bytes, then the wanted rate."""

import os

import numpy as np
import soxr
import tensorflow as tf

from fat_tf.audio.decode.by_tensorflow_io import canonical_wav, decode_canonical_wav, tensorflow_io_works
from fat_tf.audio.decode.long import LONG_BYTES, LONGER
from fat_tf.audio.decode.whole import decode_anything


def load_audio(path: tf.Tensor, sample_rate: int, longest: float = float("inf")) -> tuple[tf.Tensor, tf.Tensor]:
    """Read one sound file as mono samples; works in a graph.

    WAV, FLAC, Ogg (Vorbis, Opus), MP3, AIFF, CAF, AU and whatever else libsndfile reads; with PyAV installed all that
    FFmpeg reads. Files that were joined are read one after the other. All channels averaged, or, with a warning, the
    loudest one where they cancel each other out; resampled with soxr where the file's rate differs.

    Args:
        path: scalar string.
        sample_rate: wanted rate in Hz.
        longest: seconds; a longer sound is not loaded, and its error is one by `is_too_long`.

    Returns:
        (samples, error): float32 (samples,) in [-1, 1], and a scalar string that is empty on success. A file
        that cannot be decoded, has no samples or a single one, fewer than it promises, or some that are
        not finite, gives no samples and a text that says so.
    """
    path = tf.convert_to_tensor(path)
    contents = tf.io.read_file(path)
    samples, rate, error = _decode(contents, path, longest)
    samples, error = tf.cond(
        tf.logical_or(rate == sample_rate, error != ""),
        lambda: (samples, error),
        lambda: _numpy(_resample, [samples, rate, sample_rate], (tf.float32, tf.string)),
    )
    return tf.ensure_shape(samples, [None]), tf.ensure_shape(error, [])


def _decode(contents: tf.Tensor, path: tf.Tensor, longest: float) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """(samples, rate in Hz, error) by the decoder that suits these bytes."""

    def by_others():
        return _numpy(decode_anything, [contents, path, longest], (tf.float32, tf.int32, tf.string))

    if not tensorflow_io_works():  # not a tf.cond: both of its branches are built
        return by_others()
    canonical, rate, seconds = canonical_wav(contents)
    samples, cancelled = tf.cond(
        tf.logical_and(canonical, seconds <= longest),
        lambda: decode_canonical_wav(contents),
        lambda: (tf.zeros([0]), True),
    )
    return tf.cond(cancelled, by_others, lambda: (samples, rate, ""))


def _numpy(function, inputs, dtypes) -> tuple[tf.Tensor, ...]:
    """`function` as a step of the graph, with the static shapes that TensorFlow cannot know: samples, then scalars."""
    outputs = tf.numpy_function(function, inputs, dtypes, stateful=False)
    return tuple(tf.ensure_shape(out, [None] if i == 0 else []) for i, out in enumerate(outputs))


def _resample(samples: np.ndarray, rate: int, wanted: int) -> tuple[np.ndarray, bytes]:
    """(samples at the wanted rate in Hz, error)."""
    resampled = soxr.resample(samples, float(rate), float(wanted)).astype(np.float32)
    return resampled, b"" if len(resampled) else f"no samples after resampling from {rate} Hz".encode()


def obstacle(path: str | os.PathLike) -> str:
    """Why `load_audio` should not be given this file: it cannot be opened, or is large; or an empty text."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        return error.strerror or str(error)
    return f"{LONGER} {LONG_BYTES} bytes" if size > LONG_BYTES else ""
