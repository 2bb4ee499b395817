"""WAV bytes in the graph, beside soundfile."""

import io
import struct

import numpy as np
import pytest
import soundfile as sf
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from fat_tf.export.wav_reader import decode_wav

decode = tf.function(decode_wav, [tf.TensorSpec([], tf.string)])
SOUND = np.random.default_rng(0).uniform(-0.5, 0.5, (500, 2)).astype(np.float32)


def wav(samples=SOUND, rate=16000, subtype="PCM_16", form="WAV") -> bytes:
    file = io.BytesIO()
    sf.write(file, samples, rate, subtype=subtype, format=form)
    return file.getvalue()


def header(channels=1, rate=8000, bits=16, align=None, size=8, kind=1) -> bytes:
    align = channels * bits // 8 if align is None else align
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * align, align, bits)
    return b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + form + b"data" + struct.pack("<I", size)


@settings(max_examples=30)
@given(
    channels=st.integers(1, 9),
    frames=st.integers(1, 300),
    rate=st.sampled_from([1, 8000, 44100, 192000]),
    form=st.sampled_from(["WAV", "WAVEX"]),
    seed=st.integers(0, 9),
)
def test_samples_are_those_of_soundfile_mixed(channels, frames, rate, form, seed):
    contents = wav(np.random.default_rng(seed).uniform(-1, 1, (frames, channels)), rate, form=form)
    samples, read_rate, error = decode(contents)
    expected, _ = sf.read(io.BytesIO(contents), dtype="float32", always_2d=True)
    assert (read_rate, error) == (rate, b"")
    np.testing.assert_allclose(samples, expected.mean(axis=1), atol=1e-6)


def chunk(tag: bytes, content: bytes) -> bytes:
    return tag + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


@pytest.mark.parametrize("between", [chunk(b"LIST", b"odd"), chunk(b"fact", b"1234") + chunk(b"junk", b"")])
def test_other_chunks_are_passed_over(between):
    contents = wav()
    before, after = contents[:36], contents[36:]
    for moved in (before + between + after, contents + between):
        samples, _, error = decode(moved)
        assert error == b""
        np.testing.assert_allclose(samples, SOUND.mean(axis=1), atol=1e-4)


@pytest.mark.parametrize("length", [0x7FFF0000, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF])
def test_a_length_that_a_pipe_does_not_know_is_what_is_there(length):
    contents = wav()
    samples, _, error = decode(contents[:40] + struct.pack("<I", length) + contents[44:] + b"\1")
    assert error == b"" and len(samples) == len(SOUND)


def test_channels_that_cancel_give_the_loudest():
    one = np.random.default_rng(1).uniform(-0.4, 0.4, 2000).astype(np.float32)
    samples, _, error = decode(wav(np.stack([one, -1.01 * one], axis=1)))
    assert error == b""
    np.testing.assert_allclose(samples, -1.01 * one, atol=1e-4)


FOUR_GB, TWO_GB = b"\xf0\xff\xff\xff", struct.pack("<I", 2_000_000_000)


@pytest.mark.parametrize(("contents", "message"), [
    (b"", "empty"),
    (b"R", "not a WAV"),
    (b"\x89PNG\r\n\x1a\n" * 50, "not a WAV"),
    (wav(form="FLAC"), "not a WAV"),
    (wav()[:12], "without its format"),
    (wav()[:30], "without its format"),
    (wav()[:36], "without its format"),
    (wav()[:-1], "cut short: 1999 of 2000 bytes"),
    (wav()[:40] + TWO_GB + wav()[44:], "cut short: 2000 of 2000000000 bytes"),
    (wav()[:16] + FOUR_GB + wav()[20:], "without its format"),
    (wav(subtype="PCM_24"), "not 16-bit PCM but format 1 of 24 bits"),
    (wav(subtype="FLOAT"), "not 16-bit PCM but format 3 of 32 bits"),
    (wav(subtype="ULAW"), "not 16-bit PCM but format 7"),
    (header(channels=0) + bytes(8), "do not fit together"),
    (header(channels=2, align=2) + bytes(8), "do not fit together"),
    (b"RIFF\0\0\0\0WAVE" + b"junk\0\0\0\0" * 1000, "without its format"),
])  # fmt: skip
def test_what_is_no_such_file_is_said(contents, message):
    samples, _, error = decode(contents)
    assert message in error.numpy().decode() and not len(samples)


@settings(max_examples=300)
@given(st.data())
def test_no_bytes_raise(data):
    """Mutations of a file that is fine: bytes changed, cut out, put in, at the header more than elsewhere."""
    contents = bytearray(wav(SOUND[:20]))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, 47) | st.integers(0, len(contents)))
        piece = data.draw(st.binary(max_size=4))
        contents[place : place + data.draw(st.integers(0, 5))] = piece
    samples, _, error = decode(bytes(contents))
    assert np.isfinite(samples).all() and (len(samples) == 0 or error == b"")
