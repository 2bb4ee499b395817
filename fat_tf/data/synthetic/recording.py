"""How a sound gets into a clip: place, level, background, and the colour of the recording."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import signal

from fat_tf.data.synthetic.events import Event
from fat_tf.data.synthetic.waves import SAMPLE_RATE, decibels, log_uniform, lowpass, samples

SHORTEST, LONGEST = 0.4, 8.0  # seconds
MEDIAN_LENGTH, LENGTH_SPREAD = 1.5, 0.6  # seconds; standard deviation of the length's logarithm
PEAK_DB = (-20.0, -1.0)  # dBFS
PARTNER_DB = 5.0  # the second sound of a mixture is at most this much louder or softer than the first


@dataclass(frozen=True)
class Recording:
    """The colour of a group of recordings: how far its clips are from a clean studio take.

    snr_db: range of the sound's level over the background, dB. tilt_db: largest difference between treble
    and bass, dB. echo: amplitude of the early reflections. cutoff: range of the low-pass that stands for
    poor microphones and lossy coding, Hz; None records the full band.
    """

    snr_db: tuple[float, float]
    tilt_db: float
    echo: float
    cutoff: tuple[float, float] | None = None


CURATED = Recording(snr_db=(8.0, 28.0), tilt_db=6.0, echo=0.1)
NOISY = Recording(snr_db=(5.0, 22.0), tilt_db=8.0, echo=0.2, cutoff=(6000.0, 16000.0))


def record(rng: np.random.Generator, events: Sequence[Event], recording: Recording) -> np.ndarray:
    """Clip of one or more sounds at the same time, int16, (samples,), 0.4 to 8 s at 44.1 kHz."""
    seconds = np.exp(rng.normal(np.log(MEDIAN_LENGTH), LENGTH_SPREAD))
    length = samples(float(np.clip(seconds, SHORTEST, LONGEST)))
    wave = sum(_placed(rng, event, length) for event in events)
    wave = _echoed(rng, wave, recording.echo)
    wave = wave + decibels(-rng.uniform(*recording.snr_db)) * _background(rng, length)
    wave = _tilted(rng, wave, recording.tilt_db)
    if recording.cutoff is not None:
        wave = _band_limited(wave, log_uniform(rng, *recording.cutoff))
    peak = decibels(rng.uniform(*PEAK_DB)) / np.abs(wave).max()
    return np.round(32767 * peak * wave).astype(np.int16)


def _unit_power(wave: np.ndarray) -> np.ndarray:
    """The wave with a root mean square of 1."""
    return wave / np.sqrt(np.mean(wave**2) + 1e-12)


def _placed(rng: np.random.Generator, event: Event, length: int) -> np.ndarray:
    """One sound somewhere in the clip, over at least 70 % of it, at nearly unit power."""
    span = round(length * rng.uniform(0.7, 1.0))
    start = int(rng.integers(0, length - span + 1))
    wave = np.zeros(length)
    level = decibels(rng.uniform(-PARTNER_DB, PARTNER_DB) / 2)
    wave[start : start + span] = level * _unit_power(event(rng, span))
    return wave


def _background(rng: np.random.Generator, length: int) -> np.ndarray:
    """Noise of unit power, from rumble to hiss."""
    return _unit_power(lowpass(rng.standard_normal(length), log_uniform(rng, 100, 10000)))


def _echoed(rng: np.random.Generator, wave: np.ndarray, gain: float) -> np.ndarray:
    """The wave with six early reflections, 5 to 60 ms late."""
    echoed = wave.copy()
    for delay in rng.integers(samples(0.005), samples(0.06), 6):
        echoed[delay:] += gain * rng.uniform(-1, 1) * wave[:-delay]
    return echoed


def _tilted(rng: np.random.Generator, wave: np.ndarray, most_db: float) -> np.ndarray:
    """The wave with its treble raised over its bass, or lowered, around a random corner."""
    bass = lowpass(wave, log_uniform(rng, 500, 3000))
    return bass + decibels(rng.uniform(-most_db, most_db)) * (wave - bass)


def _band_limited(wave: np.ndarray, cutoff: float) -> np.ndarray:
    """The wave below a cutoff in Hz, at 12 dB an octave: the dull treble of poor microphones and codecs."""
    return signal.sosfilt(signal.butter(2, cutoff, fs=SAMPLE_RATE, output="sos"), wave)
