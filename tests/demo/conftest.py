"""A tagger whose scores anyone can tell: how much of a sound is loud, and how much is not."""

from types import SimpleNamespace

import numpy as np
import pytest
import soundfile as sf

from fat_tf.inference.tagger import Tagger

RATE = 8000


def score_sound(samples: np.ndarray) -> np.ndarray:
    loud = np.mean(np.abs(samples) > 0.25)
    return np.array([1 - loud, loud, 0.0])


@pytest.fixture
def tagger() -> Tagger:
    """Classes quiet, loud and <i>$never$</i>; windows of 1 s at 8 kHz."""
    labels = ("quiet", "loud", "<i>$never$</i>")
    return Tagger(SimpleNamespace(vocabulary=labels, sample_rate=RATE, window_seconds=1.0, score_sound=score_sound))


@pytest.fixture
def sound(tmp_path):
    """Writes a WAV: silence, then a loud half of as many seconds."""

    def write(seconds_each: float) -> str:
        half = round(seconds_each * RATE)
        sf.write(tmp_path / "sound.wav", np.repeat([0.0, 0.5], half), RATE)
        return str(tmp_path / "sound.wav")

    return write
