"""Building blocks of the synthesis: frequency paths, oscillators, noise, grains and envelopes.

All signals are float64 arrays of shape (samples,) at SAMPLE_RATE; levels are relative, the recording
sets the final ones.
"""

from collections.abc import Callable

import numpy as np
from scipy import signal

SAMPLE_RATE = 44100


def samples(seconds: float) -> int:
    """Number of samples in `seconds`, at least 1."""
    return max(1, round(seconds * SAMPLE_RATE))


def decibels(level: float) -> float:
    """Amplitude factor of a level in dB."""
    return 10.0 ** (level / 20.0)


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number whose logarithm is uniform in [log low, log high): the natural law for Hz and seconds."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def glide(length: int, start: float, end: float) -> np.ndarray:
    """Frequency path in Hz from start to end over `length` samples, straight on a musical (log) scale."""
    return np.geomspace(start, end, length)


def cycles(frequency: np.ndarray) -> np.ndarray:
    """Phase, in cycles, of an oscillator that follows a frequency path in Hz."""
    return np.cumsum(frequency) / SAMPLE_RATE


def sine(frequency: np.ndarray) -> np.ndarray:
    """Sine that follows a frequency path in Hz."""
    return np.sin(2 * np.pi * cycles(frequency))


def sawtooth(frequency: np.ndarray) -> np.ndarray:
    """Naive sawtooth that follows a frequency path in Hz (its aliasing is far below the backgrounds)."""
    phase = cycles(frequency)
    return 2 * (phase - np.floor(phase)) - 1


def lowpass(wave: np.ndarray, corner: float) -> np.ndarray:
    """One-pole low-pass (6 dB an octave) with its corner in Hz."""
    pole = np.exp(-2 * np.pi * corner / SAMPLE_RATE)
    return signal.lfilter([1 - pole], [1, -pole], wave)


def band_noise(rng: np.random.Generator, length: int, low: float, high: float) -> np.ndarray:
    """White noise between two corners in Hz (second-order Butterworth band-pass)."""
    band = signal.butter(2, (low, high), "bandpass", fs=SAMPLE_RATE, output="sos")
    return signal.sosfilt(band, rng.standard_normal(length))


def decay(length: int, seconds: float) -> np.ndarray:
    """Exponential decay with the given time constant."""
    return np.exp(-np.arange(length) / (seconds * SAMPLE_RATE))


def hump(length: int) -> np.ndarray:
    """Smooth envelope from 0 up to 1 and back to 0 (half a sine)."""
    return np.sin(np.pi * np.arange(length) / length)


def faded(wave: np.ndarray) -> np.ndarray:
    """The wave with straight fades of 10 ms at both ends, so that it neither starts nor stops with a click."""
    ramp = np.minimum(1.0, np.arange(1, len(wave) + 1) / samples(0.01))
    return wave * ramp * ramp[::-1]


def regular_onsets(rng: np.random.Generator, length: int, rate: float) -> np.ndarray:
    """Sample positions of events at a steady rate (in Hz) with a random first one."""
    period = SAMPLE_RATE / rate
    return np.arange(rng.uniform(0, period), length, period).astype(int)


def irregular_onsets(rng: np.random.Generator, length: int, rate: float) -> np.ndarray:
    """Sample positions of as many events as a steady rate (in Hz) would give, at random times."""
    count = max(1, round(rate * length / SAMPLE_RATE))
    return np.sort(rng.integers(0, length, count))


def scatter(length: int, onsets: np.ndarray, grain: Callable[[], np.ndarray]) -> np.ndarray:
    """Sum of one new grain at each onset; grains are cut at the end of the clip."""
    wave = np.zeros(length)
    for onset in onsets:
        piece = grain()[: length - onset]
        wave[onset : onset + len(piece)] += piece
    return wave
