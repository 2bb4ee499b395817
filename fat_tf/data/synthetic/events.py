"""The sound events: one small synthesis function a class, and the tables that name them.

None is a recording: they are synthesised imitations that carry the names of what they imitate. The
classes come in groups whose average spectra overlap, at random pitch, so that only their time structure
tells them apart for certain: rising or falling, slow or fast, regular or irregular. A function takes a
random generator and a length in samples and returns a float64 wave of that shape.
"""

from collections.abc import Callable

import numpy as np

from fat_tf.data.synthetic.waves import (
    SAMPLE_RATE,
    band_noise,
    cycles,
    decay,
    faded,
    glide,
    hump,
    irregular_onsets,
    log_uniform,
    lowpass,
    regular_onsets,
    samples,
    sawtooth,
    scatter,
    sine,
)

Event = Callable[[np.random.Generator, int], np.ndarray]

# A time structure shows itself only when it comes back: short clips get at least this many repetitions.
LEAST_REPEATS = 3.0


def _rate(rng: np.random.Generator, length: int, low: float, high: float) -> float:
    """A repetition rate in Hz between low and high, raised where the clip is too short for it."""
    return max(log_uniform(rng, low, high), LEAST_REPEATS * SAMPLE_RATE / length)


# Whistled tones: one glide up, one glide down, or up and down again.


def _whistle_band(rng: np.random.Generator, lowest: float, highest: float) -> tuple[float, float]:
    """Ends, in Hz, of a whistled tone's band, the lower one between lowest and highest."""
    low = log_uniform(rng, lowest, highest)
    return low, low * rng.uniform(1.5, 2.5)


def whistle_rising(rng: np.random.Generator, length: int) -> np.ndarray:
    """Tone that slides up once."""
    low, high = _whistle_band(rng, 700, 2000)
    return faded(sine(glide(length, low, high)))


def whistle_falling(rng: np.random.Generator, length: int) -> np.ndarray:
    """Tone that slides down once."""
    low, high = _whistle_band(rng, 400, 1200)
    return faded(sine(glide(length, high, low)))


def siren(rng: np.random.Generator, length: int) -> np.ndarray:
    """Tone that wails up and down through the band of the whistles."""
    low, high = _whistle_band(rng, 1000, 3000)
    wail = cycles(np.full(length, _rate(rng, length, 0.8, 2.5))) + rng.uniform()
    return faded(sine(low * (high / low) ** (0.5 - 0.5 * np.cos(2 * np.pi * wail))))


# Engines: dull sawtooth that speeds up, slows down, or hums on.


def _engine(rng: np.random.Generator, frequency: np.ndarray) -> np.ndarray:
    """Sawtooth on a frequency path in Hz through a random dull exhaust."""
    return faded(lowpass(sawtooth(frequency), log_uniform(rng, 500, 3000)))


def _engine_band(rng: np.random.Generator, lowest: float, highest: float) -> tuple[float, float]:
    """Slowest and fastest firing rate of an engine, in Hz, the slower one between lowest and highest."""
    low = log_uniform(rng, lowest, highest)
    return low, low * rng.uniform(1.5, 2.5)


def engine_accelerating(rng: np.random.Generator, length: int) -> np.ndarray:
    """Sawtooth that speeds up."""
    low, high = _engine_band(rng, 90, 200)
    return _engine(rng, glide(length, low, high))


def engine_slowing(rng: np.random.Generator, length: int) -> np.ndarray:
    """Sawtooth that slows down."""
    low, high = _engine_band(rng, 60, 130)
    return _engine(rng, glide(length, high, low))


def buzz(rng: np.random.Generator, length: int) -> np.ndarray:
    """Sawtooth of steady pitch."""
    return _engine(rng, np.full(length, log_uniform(rng, 200, 450)))


# Blips: short glides at random times, up (bubbles) or down (birds).


def _blip(rng: np.random.Generator, start: float, end: float) -> np.ndarray:
    """Short tone, 60 to 140 ms, that slides from about start to about end, in Hz."""
    length = samples(rng.uniform(0.06, 0.14))
    pitch = rng.uniform(0.7, 1.4)
    return rng.uniform(0.4, 1.0) * hump(length) * sine(glide(length, pitch * start, pitch * end))


def bubbling(rng: np.random.Generator, length: int) -> np.ndarray:
    """Short tones that slide up, at random times."""
    onsets = irregular_onsets(rng, length, _rate(rng, length, 4, 9))
    pitch = log_uniform(rng, 500, 1600)
    return scatter(length, onsets, lambda: _blip(rng, pitch, 2 * pitch))


def chirp_and_tweet(rng: np.random.Generator, length: int) -> np.ndarray:
    """Short tones that slide down, at random times."""
    onsets = irregular_onsets(rng, length, _rate(rng, length, 4, 9))
    pitch = log_uniform(rng, 900, 2800)
    return scatter(length, onsets, lambda: _blip(rng, 2 * pitch, pitch))


# Clicks: the same click, regular or irregular.


def _click(rng: np.random.Generator, pitch: float) -> np.ndarray:
    """Damped resonance at about a pitch in Hz, dying away in 6 ms."""
    length = samples(0.04)
    return rng.uniform(0.5, 1.0) * decay(length, 0.006) * sine(np.full(length, pitch * rng.uniform(0.9, 1.1)))


def tick_tock(rng: np.random.Generator, length: int) -> np.ndarray:
    """Clicks at a steady rate."""
    pitch = log_uniform(rng, 1800, 5000)
    onsets = regular_onsets(rng, length, _rate(rng, length, 4, 9))
    return scatter(length, onsets, lambda: _click(rng, pitch))


def crackle(rng: np.random.Generator, length: int) -> np.ndarray:
    """As many clicks, at random times."""
    pitch = log_uniform(rng, 1000, 2800)
    onsets = irregular_onsets(rng, length, _rate(rng, length, 4, 9))
    return scatter(length, onsets, lambda: _click(rng, pitch))


# Blows: bursts of noise, in quick groups (knock) or one by one (clapping).


def _blow(rng: np.random.Generator, centre: float) -> np.ndarray:
    """Burst of noise, an octave around a centre in Hz, dying away in 25 ms."""
    length = samples(0.12)
    return rng.uniform(0.6, 1.0) * decay(length, 0.025) * band_noise(rng, length, centre / 1.4, centre * 1.4)


def clapping(rng: np.random.Generator, length: int) -> np.ndarray:
    """Blows one by one at an easy pace."""
    centre = log_uniform(rng, 700, 2200)
    onsets = regular_onsets(rng, length, _rate(rng, length, 2.5, 4))
    return scatter(length, onsets, lambda: _blow(rng, centre))


def knock(rng: np.random.Generator, length: int) -> np.ndarray:
    """Quick groups of three blows with a rest between the groups."""
    centre = log_uniform(rng, 300, 1000)
    groups = regular_onsets(rng, length, max(log_uniform(rng, 0.8, 1.4), SAMPLE_RATE / length))
    onsets = (groups[:, None] + samples(rng.uniform(0.09, 0.14)) * np.arange(3)).ravel()
    return scatter(length, onsets[onsets < length], lambda: _blow(rng, centre))


# Noises: steady, in slow strokes or in fast beats.


def _broad_noise(rng: np.random.Generator, length: int, lowest: float, highest: float) -> np.ndarray:
    """Noise over three octaves, the lower corner in Hz between lowest and highest."""
    low = log_uniform(rng, lowest, highest)
    return band_noise(rng, length, low, 8 * low)


def _strokes(rng: np.random.Generator, length: int, rate: float) -> np.ndarray:
    """Envelope that swells and fades at a steady rate in Hz."""
    turns = cycles(np.full(length, rate)) + rng.uniform()
    return 0.55 - 0.45 * np.cos(2 * np.pi * turns)


def sawing(rng: np.random.Generator, length: int) -> np.ndarray:
    """Noise in slow strokes."""
    return faded(_strokes(rng, length, _rate(rng, length, 2, 5)) * _broad_noise(rng, length, 350, 1200))


def helicopter(rng: np.random.Generator, length: int) -> np.ndarray:
    """The same noise in fast beats."""
    return faded(_strokes(rng, length, log_uniform(rng, 10, 18)) * _broad_noise(rng, length, 150, 500))


def rain(rng: np.random.Generator, length: int) -> np.ndarray:
    """Steady noise."""
    return faded(_broad_noise(rng, length, 500, 1500))


def bell(rng: np.random.Generator, length: int) -> np.ndarray:
    """Inharmonic partials, struck again and again, dying away."""
    pitch = log_uniform(rng, 400, 1500)
    ring = samples(0.8)

    def strike() -> np.ndarray:
        partials = ((1.0, 1.0), (2.76, 0.5), (5.40, 0.25))  # a free bar's first modes
        return sum(a * decay(ring, 0.25 / r) * sine(np.full(ring, r * pitch)) for r, a in partials)

    return scatter(length, regular_onsets(rng, length, _rate(rng, length, 1.5, 3)), strike)


EVENTS: dict[str, Event] = {
    "Bell": bell,
    "Bubbling": bubbling,
    "Buzz": buzz,
    "Chirp_and_tweet": chirp_and_tweet,
    "Clapping": clapping,
    "Crackle": crackle,
    "Engine_accelerating": engine_accelerating,
    "Engine_slowing": engine_slowing,
    "Helicopter": helicopter,
    "Knock": knock,
    "Rain": rain,
    "Sawing": sawing,
    "Siren": siren,
    "Tick-tock": tick_tock,
    "Whistle_falling": whistle_falling,
    "Whistle_rising": whistle_rising,
}


# Out of vocabulary: what the noisy clips hold under a label that is not theirs.


def chord(rng: np.random.Generator, length: int) -> np.ndarray:
    """Three held tones."""
    root = log_uniform(rng, 200, 800)
    return faded(sum(sine(np.full(length, root * ratio)) for ratio in (1.0, 1.26, 1.5)))


def thunder(rng: np.random.Generator, length: int) -> np.ndarray:
    """Low rumble that dies away."""
    return faded(decay(length, 0.4 * length / SAMPLE_RATE) * band_noise(rng, length, 40, 300))


def beeps(rng: np.random.Generator, length: int) -> np.ndarray:
    """Steady tone, switched on and off."""
    gate = np.arange(length) / SAMPLE_RATE * _rate(rng, length, 2, 5) % 1 < 0.5
    return lowpass(gate.astype(float), 60) * sine(np.full(length, log_uniform(rng, 600, 3000)))


OUT_OF_VOCABULARY: dict[str, Event] = {"Beeps": beeps, "Chord": chord, "Thunder": thunder}
