"""WAV by tensorflow-io, which is exact and fast on canonical files, and corrupts memory on malformed headers.

The header is therefore checked in the graph, on the very bytes that are to be decoded.
"""

import functools
import sys
import warnings

import numpy as np
import tensorflow as tf

from fat_tf.audio.channels import cancel
from fat_tf.audio.decode.by_soundfile import encoded
from fat_tf.audio.decode.limits import FASTEST, SHORTEST, SLOWEST
from fat_tf.audio.wav_header import CANONICAL_BYTES, DATA, FMT, PCM, PCM_CHUNK_BYTES, RIFF, WAVE


@functools.cache
def tensorflow_io_works() -> bool:
    """Whether tensorflow-io's operations load on this TensorFlow; says so once where they do not.

    Its import succeeds on releases that it was not built for, with warnings, and only the first operation fails.
    """
    try:
        with tf.init_scope(), warnings.catch_warnings():  # for real, also while a graph is built
            warnings.simplefilter("ignore")
            decode_canonical_wav(tf.constant(encoded(np.zeros(2, np.float32), 8000)))
        return True
    except Exception:  # ImportError, NotFoundError, NotImplementedError, AttributeError: by version and platform
        print(
            f"tensorflow-io does not work on TensorFlow {tf.__version__}: soundfile decodes all files", file=sys.stderr
        )
        return False


def canonical_wav(contents: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """(whether these bytes are 16-bit PCM WAV with a consistent 44-byte header, its sample rate in Hz, its seconds)."""
    start = tf.strings.substr(contents, 0, CANONICAL_BYTES)
    header = tf.strings.substr(tf.strings.join([start, "\0" * CANONICAL_BYTES]), 0, CANONICAL_BYTES)
    word = tf.unstack(tf.io.decode_raw(header, tf.int32, fixed_length=CANONICAL_BYTES), CANONICAL_BYTES // 4)
    half = tf.unstack(tf.cast(tf.io.decode_raw(header, tf.uint16), tf.int32), CANONICAL_BYTES // 2)
    form, channels, rate, align, bits = half[10], half[11], word[6], half[16], half[17]
    data_bytes = tf.strings.length(contents) - CANONICAL_BYTES
    checks = [
        word[0] == RIFF,
        word[1] == data_bytes + CANONICAL_BYTES - 8,
        word[2] == WAVE,
        word[3] == FMT,
        word[4] == PCM_CHUNK_BYTES,
        form == PCM,
        bits == 16,
        channels > 0,
        align == 2 * channels,
        rate >= SLOWEST,
        rate <= FASTEST,
        word[9] == DATA,
        word[10] == data_bytes,
        data_bytes >= SHORTEST * align,
        tf.math.floormod(data_bytes, tf.maximum(align, 1)) == 0,
    ]
    seconds = tf.cast(data_bytes, tf.float32) / tf.cast(tf.maximum(align, 1) * tf.maximum(rate, 1), tf.float32)
    return tf.reduce_all(checks), rate, seconds


def decode_canonical_wav(contents: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """(samples (samples,) float32, whether its channels cancel each other out) of a WAV that `canonical_wav` passes."""
    import tensorflow_io as tfio  # loads its libraries: only where a sound is decoded

    by_frame = tf.cast(tfio.audio.decode_wav(contents, dtype=tf.int16), tf.float32)
    channels = tf.shape(by_frame)[1]

    def mixed():
        total = tf.linalg.matvec(by_frame, tf.ones([channels]))  # exact, and faster than a mean of short rows
        mean = total / tf.cast(channels, tf.float32)
        return mean / 32768.0, cancel(by_frame, mean)

    return tf.cond(channels > 1, mixed, lambda: (tf.reshape(by_frame, [-1]) / 32768.0, False))
