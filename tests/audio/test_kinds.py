"""Every kind of file that people have: what is good is read whole and as loud as it is, what is broken is named."""

import io
import re
import shutil
import subprocess

import numpy as np
import pytest
from sound_files import (
    APE_TAG,
    ID3V1,
    LOSSY,
    MP3_FRAME,
    RATE,
    SOUND,
    WHOLE,
    bare_mp3,
    encoded,
    flac_without_total,
    id3v2,
    mp3,
    mp3_in_wav,
    wav_of_length,
)  # fmt: skip

from fat_tf.audio.decode import sound
from fat_tf.audio.decode.whole import decode_anything
from fat_tf.program import install_line

MANY = np.random.default_rng(3).uniform(-0.3, 0.3, 30_000).astype(np.float32)


def read(contents: bytes, name: bytes = b"clip") -> tuple[np.ndarray, int, str]:
    samples, rate, error = decode_anything(contents, name, float("inf"))
    return samples, int(rate), error.decode()


def correlation(samples: np.ndarray, expected: np.ndarray) -> float:
    """Of two sounds where they fit best: encoders delay."""
    size = 1 << (2 * max(len(samples), len(expected)) - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(samples, size) * np.conj(np.fft.rfft(expected, size)))
    return product.max() / np.sqrt(np.sum(samples**2) * np.sum(expected**2))


@pytest.mark.parametrize("kind", WHOLE)
def test_a_good_file_is_read_whole_and_as_loud_as_it_is(kind, capfd):
    make, length = WHOLE[kind]
    samples, rate, error = read(make())
    is_lossy = any(name in kind for name in LOSSY)
    assert (rate, error) == (RATE, "")
    assert abs(len(samples) - length) <= (2 * MP3_FRAME if is_lossy else 0)
    expected = np.tile(SOUND, round(length / len(SOUND)))
    assert correlation(samples, expected) > 0.99 if is_lossy else correlation(samples, expected) > 0.9999
    assert np.std(samples) == pytest.approx(np.std(SOUND), rel=0.02)
    assert capfd.readouterr().err == ""  # nor does a library print anything


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="FFmpeg judges, where it is there")
@pytest.mark.parametrize(
    "kind", [kind for kind in WHOLE if "joined" not in kind and "of 32" not in kind and "lacks" not in kind]
)
def test_ffmpeg_reads_the_same(kind, tmp_path):
    contents = WHOLE[kind][0]()
    (tmp_path / "clip").write_bytes(contents)
    command = ["ffmpeg", "-v", "error", "-i", tmp_path / "clip", "-f", "f32le", "-ac", "1", "pipe:"]
    theirs = np.frombuffer(subprocess.run(command, capture_output=True, check=False).stdout, np.float32)
    if not len(theirs):
        pytest.skip("FFmpeg does not read it")
    samples, _, _ = read(contents)
    assert abs(len(samples) - len(theirs)) <= MP3_FRAME
    assert correlation(samples, theirs) > 0.999


CUT = {
    "mp3 with a count": (mp3()[:-100], "cut short: "),
    "mp3 with a count, frames missing": (mp3()[: len(mp3()) // 2], "cut short: "),
    "bare mp3": (bare_mp3()[:-100], "cut short: "),
    "bare mp3, one byte": (bare_mp3()[:-1], "cut short: "),
    "bare mp3, in a header": (bare_mp3() + bare_mp3()[:2], "cut short: "),
    "bare mp3 with a tag": (bare_mp3()[:-100] + APE_TAG + ID3V1, "cut short: "),
    "mp3 in wav": (mp3_in_wav()[:-100], "cut short: "),
    "flac without a total": (flac_without_total()[:-500], "cut short"),
    "wav": (encoded("WAV", "PCM_16")[:-1000], "cut short: 87700 of 88200"),
    "second of two": (encoded("FLAC", "PCM_16") + encoded("FLAC", "PCM_16")[:-5000], "cut short"),
}


@pytest.mark.parametrize("kind", CUT)
def test_a_cut_file_is_told_apart(kind):
    contents, message = CUT[kind]
    samples, _, error = read(contents)
    assert message in error and not len(samples)


NO_SOUND = {
    "empty": (b"", "empty, 0 bytes"),
    "zeros": (bytes(5000), "zero bytes"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "Git LFS pointer.*git lfs pull"),
    "page": (b"\n<!DOCTYPE html><html><body>404</body></html>", "HTML page.*get it again"),
    "page with a mark": (b"\xef\xbb\xbf<html>", "HTML page"),
    "text": ("Hörtext".encode() * 99, "a text, which begins with 'Hörtext"),
    "text in UTF-16": ("fname,labels\n".encode("utf-16"), "a text, which begins with 'fname,labels"),
    "tag alone": (id3v2(), "a tag \\(ID3\\) without sound"),
    "cut in its tag": ((id3v2(bytes(9000)) + mp3())[:500], "a tag \\(ID3\\) without sound"),
    "archive": (b"PK\3\4" + bytes(range(200)), "archive \\(ZIP\\), unpack it"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(200)), "a picture \\(PNG\\)"),
    "notes": (b"MThd\0\0\0\6" + bytes(range(200)), "MIDI"),
    "random": (np.random.default_rng(0).bytes(20_000), "damaged, or"),
    "nothing in it": (encoded("WAV", "PCM_16", SOUND[:0]), "no samples"),
    "no samples before a chunk": (wav_of_length(0)[:44] + b"LIST\4\0\0\0abcd", "no samples"),
}


@pytest.mark.parametrize("kind", NO_SOUND)
@pytest.mark.parametrize("has_ffmpeg", [True, False])
def test_what_is_no_sound_says_what_it_is(kind, has_ffmpeg, monkeypatch, capfd):
    monkeypatch.setattr(sound, "has_ffmpeg", lambda: has_ffmpeg)
    contents, message = NO_SOUND[kind]
    samples, _, error = read(contents)
    assert not len(samples)
    assert re.search(message, error), error
    assert "\n" not in error and capfd.readouterr().err == ""


def with_ffmpeg(form: str, codec: str, rate: int = RATE) -> bytes:
    av = pytest.importorskip("av")
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.layout, stream.bit_rate = "mono", 128_000
        frame = av.AudioFrame.from_ndarray(SOUND[None], format="fltp", layout="mono")
        frame.sample_rate = RATE
        wanted = stream.codec_context.format.name if stream.codec_context.format else stream.codec.audio_formats[0].name
        stream.codec_context.open()
        frame_size = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(format=wanted, layout="mono", rate=rate, frame_size=frame_size)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux([packet for packet in stream.encode(None) if packet.size])
    return file.getvalue()


BY_FFMPEG = {
    "M4A": ("ipod", "aac"), "AAC": ("adts", "aac"), "WebM": ("webm", "libopus"), "WMA": ("asf", "wmav2"),
    "WavPack": ("wv", "wavpack"), "True Audio": ("tta", "tta"), "AC-3": ("ac3", "ac3"), "Ogg": ("ogg", "flac"),
    "Matroska": ("matroska", "aac"), "MOV": ("mov", "alac"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BY_FFMPEG)
def test_the_extra_formats_need_their_library_and_say_so(kind, monkeypatch):
    form, codec = BY_FFMPEG[kind]
    contents = with_ffmpeg(form, codec, 48000 if codec == "libopus" else RATE)
    samples, rate, error = read(contents)
    assert error == ""
    assert len(samples) / rate == pytest.approx(len(SOUND) / RATE, abs=0.06)
    assert np.std(samples) == pytest.approx(np.std(SOUND), rel=0.05)
    monkeypatch.setattr(sound, "has_ffmpeg", lambda: False)
    samples, _, error = read(contents)
    assert not len(samples) and kind in error and install_line("formats") in error


def test_a_cut_file_of_an_extra_format_is_told_apart():
    for form, codec in (("mov", "alac"), ("tta", "tta"), ("wv", "wavpack"), ("webm", "libopus")):
        contents = with_ffmpeg(form, codec, 48000 if codec == "libopus" else RATE)
        samples, _, error = read(contents[: len(contents) // 2])
        assert error and not len(samples), form


@pytest.mark.parametrize("form, subtype", [("WAV", "PCM_16"), ("WAV", "PCM_24"), ("FLAC", "PCM_16")])
def test_channels_that_cancel_are_said_and_the_louder_is_taken(form, subtype, capsys):
    samples, _, error = read(encoded(form, subtype, np.stack([MANY, -0.98 * MANY], axis=1)), b"a/b.wav")
    assert error == ""
    np.testing.assert_allclose(samples, MANY, atol=1e-4)
    said = capsys.readouterr().err
    assert said == (
        "Warning: a/b.wav: its channels cancel each other out in their mean; the loudest, channel 1, is taken\n"
    )


@pytest.mark.parametrize("other", [0.0, 1.0, -0.5])
def test_channels_that_do_not_cancel_are_averaged(other, capsys):
    samples, _, _ = read(encoded("WAV", "FLOAT", np.stack([MANY, other * MANY], axis=1)))
    np.testing.assert_allclose(samples, (1 + other) / 2 * MANY, atol=1e-6)
    assert capsys.readouterr().err == ""


def test_joined_files_of_other_rates_are_one_sound():
    low = encoded("WAV", "PCM_16", SOUND[::2], RATE // 2)
    samples, rate, error = read(encoded("WAV", "PCM_16") + low)
    assert (rate, error) == (RATE, "") and abs(len(samples) - 2 * len(SOUND)) <= 2


@pytest.mark.parametrize("kind", WHOLE)
def test_damage_ends_in_samples_or_an_error_and_libraries_stay_silent(kind, capfd):
    rng, original = np.random.default_rng(5), np.frombuffer(WHOLE[kind][0](), np.uint8)
    for number in range(6):
        damaged = original.copy()
        places = rng.integers(0, 120 if number % 2 else len(damaged), 5)
        damaged[places] = rng.integers(0, 256, 5)
        samples, _, error = read(damaged[: len(damaged) if number % 3 else rng.integers(len(damaged))].tobytes())
        assert np.isfinite(samples).all() and (len(samples) > 0) == (error == "")
        assert "not what it seems" not in error  # what nobody foresaw
    assert not [line for line in capfd.readouterr().err.splitlines() if "cancel each other" not in line]


def test_what_nobody_foresaw_is_an_error_of_the_file(monkeypatch):
    monkeypatch.setattr(sound, "_parts", lambda *_: [][0])
    samples, _, error = read(mp3())
    assert not len(samples) and "damaged, or not what it seems to be (IndexError: " in error
