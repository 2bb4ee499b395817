"""load_audio: every format against soundfile and soxr; nothing damaged passes, nothing crashes."""

import io
import struct
import subprocess
import sys

import numpy as np
import pytest
import soundfile as sf
import soxr
import tensorflow as tf

from fat_tf.audio import load_audio
from fat_tf.audio.decode import by_soundfile, load
from fat_tf.audio.decode.by_tensorflow_io import canonical_wav, tensorflow_io_works

FORMATS = [
    ("WAV", "PCM_U8"), ("WAV", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "PCM_32"), ("WAV", "FLOAT"), ("WAV", "DOUBLE"),
    ("WAVEX", "PCM_16"), ("FLAC", "PCM_16"), ("FLAC", "PCM_24"), ("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III"),
    ("AIFF", "PCM_16"),
]  # fmt: skip
loaded = tf.function(load_audio, input_signature=[tf.TensorSpec([], tf.string), tf.TensorSpec([], tf.int32)])


def tone(channels: int = 1, samples: int = 12_000, rate: int = 44100) -> np.ndarray:
    """A different sine in each channel, (samples, channels)."""
    time = np.arange(samples)[:, None] / rate
    return (0.4 * np.sin(2 * np.pi * 440 * (1 + np.arange(channels)) * time)).astype(np.float32)


def encoded(samples: np.ndarray, form: str = "WAV", subtype: str = "PCM_16", rate: int = 44100) -> bytes:
    file = io.BytesIO()
    sf.write(file, samples, rate, format=form, subtype=subtype)
    return file.getvalue()


def read(tmp_path, contents: bytes, rate: int = 44100) -> tuple[np.ndarray, str]:
    (tmp_path / "clip").write_bytes(contents)
    samples, error = loaded(str(tmp_path / "clip"), rate)
    return samples.numpy(), error.numpy().decode()


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("form, subtype", FORMATS)
def test_every_format_is_the_mean_of_its_channels(tmp_path, form, subtype, channels):
    if form == "MP3" and channels > 2:
        channels = 2
    contents = encoded(tone(channels), form, subtype)
    theirs, _ = sf.read(io.BytesIO(contents), dtype="float32", always_2d=True)
    samples, error = read(tmp_path, contents)
    assert error == ""
    np.testing.assert_allclose(samples, theirs.mean(axis=1), atol=1e-6)


@pytest.mark.parametrize("form", ["WAV", "FLAC"])
@pytest.mark.parametrize("rate", [8000, 22050, 48000, 96000])
def test_other_rates_are_resampled_by_soxr(tmp_path, form, rate):
    contents = encoded(tone(2, rate=rate), form, rate=rate)
    theirs = soxr.resample(sf.read(io.BytesIO(contents), dtype="float32")[0].mean(axis=1), rate, 44100)
    samples, error = read(tmp_path, contents)
    assert error == ""
    np.testing.assert_allclose(samples, theirs, atol=1e-6)


def test_the_same_rate_is_not_resampled(tmp_path, monkeypatch):
    monkeypatch.setattr(load.soxr, "resample", None)
    samples, error = read(tmp_path, encoded(tone(), "FLAC"))
    assert error == "" and len(samples) == 12_000


@pytest.mark.parametrize("form, subtype", FORMATS)
@pytest.mark.parametrize("keep", [0.0, 0.002, 0.5, 0.97])
def test_a_cut_file_is_an_error(tmp_path, form, subtype, keep):
    contents = encoded(tone(samples=60_000), form, subtype)
    samples, error = read(tmp_path, contents[: int(keep * len(contents))])
    assert error and not len(samples), f"{len(samples)} samples of a cut file taken for the whole"


@pytest.mark.parametrize(
    "contents, message",
    [
        (b"", "not a readable sound file: empty, 0 bytes"),
        (b"RIFF", "not a readable sound file: damaged"),
        (b"this is a text, not a sound" * 9, "not a readable sound file: a text, which begins with 'this is"),
        (encoded(tone(samples=0)), "no samples"),
        (encoded(np.full(9, np.nan, np.float32), subtype="FLOAT"), "not finite"),
        (encoded(np.full(9, 1e30, np.float32), subtype="FLOAT"), "beyond a billion"),
        (encoded(tone(samples=1)), "one sample only"),
        (encoded(tone(samples=2), rate=384000), "no samples after resampling"),
    ],
)
def test_what_is_no_sound_is_named(tmp_path, contents, message):
    _, error = read(tmp_path, contents)
    assert message in error


def test_a_stream_of_unknown_length_is_read_whole(tmp_path):
    contents = bytearray(encoded(tone()))
    contents[40:44] = b"\xff" * 4
    samples, error = read(tmp_path, bytes(contents))
    assert error == "" and len(samples) == 12_000


def header(data: bytes, **changed) -> bytes:
    """A canonical WAV of `data` with some fields changed."""
    fields = {"riff": 36 + len(data), "fmt": 16, "form": 1, "channels": 1, "rate": 44100, "align": 2, "bits": 16}
    fields |= {"size": len(data)} | changed
    f = fields
    return (
        struct.pack("<4sI4s4sIHHIIHH", b"RIFF", f["riff"], b"WAVE", b"fmt ", f["fmt"], f["form"], f["channels"],
                    f["rate"], f["rate"] * 2 % 2**32, f["align"], f["bits"])
        + struct.pack("<4sI", b"data", f["size"]) + data
    )  # fmt: skip


MALFORMED = [
    {"align": 0}, {"align": 3}, {"align": 4}, {"channels": 0}, {"channels": 3}, {"bits": 8}, {"bits": 32}, {"form": 3},
    {"size": 0}, {"size": 2**31}, {"size": 2**32 - 1}, {"size": 2_000_000_000}, {"rate": 0}, {"rate": 2**31},
    {"fmt": 18}, {"riff": 0}, {"size": 199},
]  # fmt: skip


@pytest.mark.parametrize("changed", MALFORMED, ids=str)
def test_a_malformed_header_never_reaches_tensorflow_io(changed):
    data = bytes(range(200))
    assert bool(canonical_wav(tf.constant(header(data)))[0])
    assert not bool(canonical_wav(tf.constant(header(data, **changed)))[0])


def test_canonical_wavs_are_decoded_by_tensorflow_io_alone(tmp_path, monkeypatch):
    assert tensorflow_io_works()
    (tmp_path / "clip").write_bytes(encoded(tone(2)))
    monkeypatch.setattr(by_soundfile.sf, "SoundFile", None)
    samples, error = load_audio(str(tmp_path / "clip"), 44100)
    assert error == "" and len(samples) == 12_000


@pytest.mark.parametrize("form, subtype", FORMATS)
def test_mutated_files_neither_crash_nor_hang(tmp_path, form, subtype):
    rng = np.random.default_rng(7)
    original = np.frombuffer(encoded(tone(samples=3000), form, subtype), np.uint8)
    for _ in range(60):
        mutated = original.copy()
        where = rng.integers(0, min(len(mutated), 200), 4)
        mutated[where] = rng.integers(0, 256, 4)
        samples, error = read(tmp_path, mutated[: rng.integers(1, len(mutated) + 1)].tobytes())
        assert np.isfinite(samples).all() and (len(samples) > 0) == (error == "")


@pytest.mark.slow
def test_without_tensorflow_io_soundfile_decodes_all_and_one_line_says_so(tmp_path):
    (tmp_path / "clip.wav").write_bytes(encoded(tone()))
    program = f"""
import sys
sys.modules["tensorflow_io"] = None
import tensorflow as tf
from fat_tf.audio import load_audio
paths = tf.data.Dataset.from_tensors({str(tmp_path / "clip.wav")!r})
for _ in range(2):
    [(samples, error)] = paths.map(lambda path: load_audio(path, 44100))
print(len(samples), repr(error.numpy()))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["12000", "b''"]
    assert done.stderr.count("tensorflow-io does not work on TensorFlow") == 1
