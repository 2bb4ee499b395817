"""Sound files to mono float32 at one sample rate, inside tf.data.

tensorflow-io decodes the WAV files that it is exact and fast on, soundfile (libsndfile) all others. The WAV
decoder of tensorflow-io corrupts memory on malformed headers, so the header is checked in the graph, on the
very bytes that are to be decoded.
"""

import functools
import io
import os
import re
import struct
import sys
import warnings

import numpy as np
import soundfile as sf
import soxr
import tensorflow as tf

HEADER_BYTES = 44  # of a canonical WAV: RIFF, fmt and data chunk headers, nothing between
RIFF, WAVE, FMT, DATA = (struct.unpack("<i", tag)[0] for tag in (b"RIFF", b"WAVE", b"fmt ", b"data"))
PCM_CHUNK_BYTES, PCM = 16, 1
SHORTEST = 2  # samples of a sound; one is a click of no length
LOUDEST = 1e9  # of samples, which lie between -1 and 1; their powers must not overflow
SLOWEST, FASTEST = 1000, 768_000  # sample rates in Hz; a false one would swell a clip a thousandfold
BLOCK_FRAMES = 1 << 18  # read by blocks: a header that claims gigabytes then costs nothing
UNKNOWN_LENGTH = 0xFFFFFFFF  # what programs that write to a pipe put as a length
CLAIMED_LENGTH = re.compile(r"(?:data|SSND)\s*:\s*(\d+) \(should be (\d+)\)")  # libsndfile's log


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
        return _numpy(_decode_anything, [contents], (tf.float32, tf.int32, tf.string))

    if not tensorflow_io_works():  # not a tf.cond: both of its branches are built
        return by_soundfile()
    canonical, rate = _canonical_wav(contents)
    return tf.cond(canonical, lambda: (_decode_canonical_wav(contents), rate, ""), by_soundfile)


@functools.cache
def tensorflow_io_works() -> bool:
    """Whether tensorflow-io's operations load on this TensorFlow; says so once where they do not.

    Its import succeeds on releases that it was not built for, with warnings, and only the first operation fails.
    """
    try:
        with tf.init_scope(), warnings.catch_warnings():  # for real, also while a graph is built
            warnings.simplefilter("ignore")
            _decode_canonical_wav(tf.constant(_tiny_wav()))
        return True
    except Exception:  # ImportError, NotFoundError, NotImplementedError, AttributeError: by version and platform
        print(
            f"tensorflow-io does not work on TensorFlow {tf.__version__}: soundfile decodes all files", file=sys.stderr
        )
        return False


def _tiny_wav() -> bytes:
    file = io.BytesIO()
    sf.write(file, np.zeros(2, np.float32), 8000, format="WAV", subtype="PCM_16")
    return file.getvalue()


def _canonical_wav(contents: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """(whether these bytes are 16-bit PCM WAV with a consistent 44-byte header, its sample rate in Hz)."""
    start = tf.strings.substr(contents, 0, HEADER_BYTES)
    header = tf.strings.substr(tf.strings.join([start, "\0" * HEADER_BYTES]), 0, HEADER_BYTES)
    word = tf.unstack(tf.io.decode_raw(header, tf.int32, fixed_length=HEADER_BYTES), HEADER_BYTES // 4)
    half = tf.unstack(tf.cast(tf.io.decode_raw(header, tf.uint16), tf.int32), HEADER_BYTES // 2)
    form, channels, rate, align, bits = half[10], half[11], word[6], half[16], half[17]
    data_bytes = tf.strings.length(contents) - HEADER_BYTES
    checks = [
        word[0] == RIFF,
        word[1] == data_bytes + HEADER_BYTES - 8,
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
    return tf.reduce_all(checks), rate


def _decode_canonical_wav(contents: tf.Tensor) -> tf.Tensor:
    """Samples (samples,) float32 of a WAV that has passed `_canonical_wav`, channels averaged."""
    import tensorflow_io as tfio  # loads its libraries: only where a sound is decoded

    pcm = tfio.audio.decode_wav(contents, dtype=tf.int16)
    return tf.reduce_mean(tf.cast(pcm, tf.float32), axis=1) / 32768.0


def _numpy(function, inputs, dtypes) -> tuple[tf.Tensor, ...]:
    """`function` as a step of the graph, with the static shapes that TensorFlow cannot know: samples, then scalars."""
    outputs = tf.numpy_function(function, inputs, dtypes, stateful=False)
    return tuple(tf.ensure_shape(out, [None] if i == 0 else []) for i, out in enumerate(outputs))


def _decode_anything(contents: bytes | np.ndarray) -> tuple[np.ndarray, np.int32, bytes]:
    """(samples, rate in Hz, error) of any file that libsndfile reads."""
    contents = np.asarray(contents, object).item()  # bytes in a graph, an array of one object in eager mode
    try:
        with sf.SoundFile(io.BytesIO(contents)) as file:
            samples = _read_mono(file)
            error = _what_is_wrong(samples, _promised_frames(file, len(samples)), file.samplerate)
            return samples if not error else samples[:0], np.int32(file.samplerate), error.encode()
    except sf.LibsndfileError as reason:
        text = f"not a readable sound file: {reason.error_string or 'damaged'}"
        return np.zeros(0, np.float32), np.int32(0), text.encode()


def _read_mono(file: sf.SoundFile) -> np.ndarray:
    """All samples (samples,) float32 of an open file, channels averaged."""
    mono = [np.zeros(0, np.float32)]
    while len(block := file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
        mono.append(block.mean(axis=1, dtype=np.float32))
    return np.concatenate(mono)


def _promised_frames(file: sf.SoundFile, read: int) -> int:
    """Frames that the header promises; for a cut WAV or AIFF libsndfile tells it in its log alone."""
    claim = CLAIMED_LENGTH.search(file.extra_info)
    if not claim or int(claim[1]) == UNKNOWN_LENGTH:
        return file.frames
    claimed, there = map(int, claim.groups())
    return file.frames if claimed <= there else max(file.frames, read * claimed // max(there, 1), read + 1)


def _what_is_wrong(samples: np.ndarray, promised: int, rate: int) -> str:
    if not SLOWEST <= rate <= FASTEST:
        return f"a sample rate of {rate} Hz"
    if len(samples) < promised:
        return f"cut short: {len(samples)} of {promised} samples"
    if len(samples) < SHORTEST:
        return "one sample only" if len(samples) else "no samples"
    return "" if (np.abs(samples) <= LOUDEST).all() else "samples that are not finite, or beyond a billion"


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
