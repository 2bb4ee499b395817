"""Sound files to samples, beside libsndfile alone."""

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tensorflow as tf

from fat_tf.audio import load_audio
from fat_tf.audio.decode import encoded
from fat_tf.audio.decode.by_soundfile import read_by_soundfile
from fat_tf.audio.decode.mpeg_header import header_of
from fat_tf.audio.decode.part import Part
from fat_tf.benchmark.timing import alternate
from fat_tf.data.parallel import THREADS, without_autotuning
from fat_tf.notices import progress_bar

CLIPS, SECONDS, RATE = 100, 10, 44100
FORMATS = {"WAV": "PCM_16", "FLAC": "PCM_16", "OGG": "VORBIS", "MP3": "MPEG_LAYER_III"}


def decoding() -> str:
    """Times real time of each format, on all cores, beside libsndfile on one; MP3 also without a count of frames."""
    return "\n".join(f"{name}: {_beside_libsndfile(*files)}" for name, *files in progress_bar(list(_kinds())))


def _kinds() -> Iterator[tuple[str, bytes, bytes]]:
    """(name, a file, what libsndfile alone reads of the same sound)."""
    noise = 0.1 * np.random.default_rng(0).standard_normal(SECONDS * RATE)
    for form, subtype in FORMATS.items():
        contents = encoded(noise, RATE, form, subtype)
        yield form, contents, contents
    yield "MP3 without a count", contents[header_of(int.from_bytes(contents[:4], "big")).size :], contents


def _beside_libsndfile(contents: bytes, plain: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / str(number)) for number in range(CLIPS)]
        for path in paths:
            Path(path).write_bytes(contents)
        clips = tf.data.Dataset.from_tensor_slices(paths).map(lambda path: load_audio(path, RATE), THREADS)
        clips = without_autotuning(clips)
        ours, theirs = alternate(lambda: list(clips), lambda: [_read(plain) for _ in paths])
    sound = CLIPS * SECONDS
    return f"{sound / ours:,.0f} times real time; libsndfile, 1 thread, {sound / theirs:,.0f}"


def _read(contents: bytes) -> list[np.ndarray]:
    return list(read_by_soundfile(Part(io.BytesIO(contents))).blocks)
