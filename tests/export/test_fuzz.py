"""Five thousand damaged files, one after the other batch, into an exported model."""

import io
import struct
from collections.abc import Iterator

import numpy as np
import pytest
import soundfile as sf
import tensorflow as tf

pytestmark = pytest.mark.slow

FILES, BATCH = 5000, 50
EXTREMES = [0, 1, 2, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFE, 0xFFFFFFFF]
GOOD, OTHER = (
    [("WAV", "PCM_16"), ("WAVEX", "PCM_16")],
    [("WAV", "PCM_24"), ("WAV", "FLOAT"), ("FLAC", "PCM_16"), ("OGG", "VORBIS")],
)


def originals() -> list[bytes]:
    """Short sounds of many kinds."""
    rng, files = np.random.default_rng(0), []
    for form, subtype in 3 * GOOD + OTHER:
        for rate, channels in ((44100, 1), (16000, 2), (8000, 5)):
            file = io.BytesIO()
            sf.write(file, rng.uniform(-0.5, 0.5, (2000, channels)), rate, format=form, subtype=subtype)
            files.append(file.getvalue())
    return files


def damaged(contents: bytes, rng: np.random.Generator) -> bytes:
    contents = bytearray(contents)
    for _ in range(rng.integers(1, 4)):
        place = int(rng.integers(0, 60) if rng.random() < 0.4 else rng.integers(0, len(contents) + 1))
        kind = rng.integers(4)
        if kind == 0:
            contents[place : place + 1] = rng.bytes(1)
        elif kind == 1:
            contents[place : place + 4] = struct.pack("<I", EXTREMES[rng.integers(len(EXTREMES))])
        elif kind == 2:
            del contents[place : place + int(rng.integers(1, 2000))]
        else:
            contents[place:place] = rng.bytes(int(rng.integers(1, 9)))
    return bytes(contents)


def batches() -> Iterator[list[bytes]]:
    rng, files = np.random.default_rng(1), originals()
    for _ in range(FILES // BATCH):
        yield [damaged(files[rng.integers(len(files))], rng) for _ in range(BATCH)]


def test_no_damaged_file_ends_a_batch_or_has_scores_beside_an_error(exported):
    model = tf.saved_model.load(str(exported))
    scored = 0
    for batch in batches():
        out = model.signatures["serving_default"](wav_bytes=tf.constant([originals()[0], *batch]))
        failed, scores = out["error"].numpy() != b"", out["scores"].numpy()
        assert not failed[0] and np.isfinite(scores).all()
        np.testing.assert_array_equal(failed, ~scores.any(axis=1))
        scored += np.count_nonzero(~failed) - 1
    assert FILES / 10 < scored < FILES * 0.9  # damage of both kinds was tried
