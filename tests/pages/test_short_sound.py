"""Windows of clips as pages play and show them."""

import io
import os

import librosa
import numpy as np
import pytest
import soundfile as sf
from PIL import Image

from fat_tf.audio import FrontEnd, LogMel
from fat_tf.audio.decode import long
from fat_tf.errors import UserError
from fat_tf.pages import short_sound
from fat_tf.pages.picture import MAGMA, log_mel_png
from fat_tf.pages.short_sound import SoundCutter

RATE = 16000


def tones(*hz: int) -> np.ndarray:
    """A second of each."""
    return np.concatenate([0.5 * np.sin(2 * np.pi * f * np.arange(RATE) / RATE) for f in hz]).astype(np.float32)


def loudest_hz(samples: np.ndarray, rate: int) -> float:
    return float(np.abs(np.fft.rfft(samples)).argmax() * rate / len(samples))


@pytest.fixture
def cutter() -> SoundCutter:
    spectrogram = LogMel(sample_rate=RATE, n_fft=512, hop_length=250, fmax=8000.0)
    return SoundCutter(FrontEnd(spectrogram, window_seconds=1.0))


@pytest.mark.parametrize("is_long", [False, True])
def test_the_window_is_counted_from_the_trimmed_clip(tmp_path, monkeypatch, cutter, is_long):
    if is_long:
        monkeypatch.setattr(short_sound, "obstacle", lambda path: long.LONGER)
    sound = np.concatenate([np.zeros(RATE), tones(500, 1000, 2000), np.zeros(RATE)])
    sf.write(tmp_path / "a.wav", sound, RATE)
    cut = cutter.cut(str(tmp_path / "a.wav"), 1.0)
    samples, rate = sf.read(io.BytesIO(cut.mp3))
    assert (rate, cut.seconds, cut.start) == (RATE, 1.0, 1.0)
    assert abs(loudest_hz(samples, rate) - 1000) < 5 and len(samples) / rate < 1.2


def test_a_short_clip_is_heard_as_models_see_it(tmp_path, cutter):
    sf.write(tmp_path / "a.wav", tones(500)[: RATE // 2], RATE)
    cut = cutter.cut(str(tmp_path / "a.wav"), 0.0)
    assert cut.seconds == 1.0  # in the middle of silence
    assert Image.open(io.BytesIO(cut.png)).size == (1 + RATE // (690 * RATE // 44100), 64)


def test_rates_that_mp3_lacks_become_the_next_higher_one(tmp_path):
    cutter = SoundCutter(FrontEnd(LogMel(sample_rate=10000, n_fft=512, hop_length=200, fmax=5000.0)))
    sf.write(tmp_path / "a.wav", tones(500), RATE)
    samples, rate = sf.read(io.BytesIO(cutter.cut(str(tmp_path / "a.wav"), 0.0).mp3))
    assert rate == 11025 and abs(loudest_hz(samples, rate) - 500) < 5


def test_what_gives_no_sound_is_told(tmp_path, cutter):
    (tmp_path / "page.wav").write_text("<!doctype html>")
    with pytest.raises(UserError, match="HTML"):
        cutter.cut(str(tmp_path / "page.wav"), 0.0)
    with pytest.raises(UserError, match="No such file"):
        cutter.cut(str(tmp_path / "gone.wav"), 0.0)


def test_names_that_are_not_utf8_are_cut(tmp_path, cutter):
    sf.write(tmp_path / "a.wav", tones(500), RATE)
    name = os.fsencode(tmp_path) + b"/caf\xe9.wav"
    os.rename(tmp_path / "a.wav", name)
    assert cutter.cut(os.fsdecode(name), 0.0).mp3


def test_the_picture_has_low_frequencies_below_and_the_loudest_cell_bright():
    log_mel = LogMel(sample_rate=RATE, n_fft=512, hop_length=250, fmax=8000.0)
    image = Image.open(io.BytesIO(log_mel_png(tones(1000), log_mel)))
    levels = np.asarray(image)
    mel = librosa.mel_frequencies(66, fmin=20, fmax=8000)[1:-1]
    row = 63 - np.abs(mel - 1000).argmin()
    assert abs(levels[:, 30].argmax() - row) <= 1 and levels.max() == 255
    np.testing.assert_array_equal(np.asarray(image.convert("RGB"))[row, 30], MAGMA[levels[row, 30]])
