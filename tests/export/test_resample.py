"""Sample rates in the graph, beside soxr and beside pure tones."""

import numpy as np
import pytest
import soxr
import tensorflow as tf

from fat_tf.export.resample import RATES, resample

OTHER = [rate for rate in RATES if rate != 44100]


def tone(hz: float, rate: int, seconds: float = 2.0) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate + 1).astype(np.float32)


def spectrum(samples: np.ndarray) -> np.ndarray:
    """dB beside a full tone, one value each Hz, of the second in the middle."""
    middle = samples[len(samples) // 4 :][:44100].astype(np.float64)
    window = np.blackman(len(middle)) ** 2  # side lobes below −115 dB
    return 20 * np.log10(np.abs(np.fft.rfft(middle * window)) / (window.sum() / 2) + 1e-30)


@pytest.mark.parametrize("rate", OTHER)
@pytest.mark.parametrize("part", [0.01, 0.5, 0.9])
def test_flat_up_to_nine_tenths_and_clean_beside(rate, part):
    hz = round(part * min(rate, 44100) / 2)
    levels = spectrum(resample(tone(hz, rate), rate, 44100).numpy())
    assert abs(levels[hz]) < 0.1
    levels[max(hz - 8, 0) : hz + 9] = -np.inf
    assert levels.max() < -100


@pytest.mark.parametrize("rate", [48000, 96000])
@pytest.mark.parametrize("part", [1.01, 1.08, 1.5, 2.1])
def test_what_the_lower_rate_cannot_hold_is_gone(rate, part):
    hz = part * 22050
    if hz < rate / 2:
        assert spectrum(resample(tone(hz, rate), rate, 44100).numpy()).max() < -100


@pytest.mark.parametrize("rate", OTHER)
def test_samples_are_those_of_soxr(rate):
    noise = np.random.default_rng(rate).standard_normal(5003)
    smooth = np.convolve(noise, np.hanning(65) / 32, mode="same") * np.hanning(5003)  # little near the cut-off
    ours = resample(tf.constant(smooth, tf.float32), rate, 44100).numpy()
    np.testing.assert_allclose(ours, soxr.resample(smooth, rate, 44100), atol=1e-4)


@pytest.mark.parametrize("rate", OTHER)
@pytest.mark.parametrize("length", [0, 1, 2, 159, 160, 161, 5003])
def test_as_long_as_it_was(rate, length):
    assert abs(len(resample(tf.ones(length), rate, 44100)) - length * 44100 / rate) <= 0.5


def test_twenty_minutes_do_not_overflow():
    quiet = resample(tf.zeros(20 * 60 * 8000), 8000, 44100)
    assert len(quiet) == 20 * 60 * 44100


def test_the_same_rate_changes_nothing():
    samples = tf.constant([0.1, -0.2])
    assert resample(samples, 32000, 32000) is samples


@pytest.mark.parametrize("wanted", [16000, 32000, 22050])
def test_models_of_other_rates(wanted):
    resampled = resample(tone(3000, 44100), 44100, wanted).numpy()[wanted // 2 :][:wanted]
    expected = np.sin(2 * np.pi * 3000 * (np.arange(wanted) + wanted // 2) / wanted + 1)
    np.testing.assert_allclose(resampled, expected, atol=1e-4)
