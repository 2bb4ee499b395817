"""trim_silence against librosa.effects.trim."""

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fat_tf.audio import FrontEnd, trim_silence


def with_silence(before: int, sound: int, after: int, level: float = 0.3, noise: float = 1e-6) -> np.ndarray:
    rng = np.random.default_rng([before, sound, after])
    clip = noise * rng.standard_normal(before + sound + after)
    clip[before : before + sound] += level * rng.standard_normal(sound)
    return clip.astype(np.float32)


@settings(max_examples=30)
@given(st.integers(0, 9000), st.integers(1, 9000), st.integers(0, 9000), st.sampled_from([20.0, 40.0, 60.0, 80.0]))
def test_equals_librosa(before, sound, after, top_db):
    clip = with_silence(before, sound, after)
    theirs, _ = librosa.effects.trim(clip, top_db=top_db)
    np.testing.assert_array_equal(trim_silence(clip, top_db), theirs)


@pytest.mark.parametrize("samples", [1, 511, 512, 5000])
def test_digital_silence_stays(samples):
    clip = np.zeros(samples, np.float32)
    np.testing.assert_array_equal(trim_silence(clip), librosa.effects.trim(clip, top_db=60)[0])
    assert len(trim_silence(clip)) == samples


def test_a_short_clip_is_padded_on_both_sides_and_a_long_one_stays_whole():
    front_end = FrontEnd()
    short = np.ones(1001, np.float32)
    padded = front_end.prepare(short).numpy()
    assert len(padded) == 176_400
    left = (176_400 - 1001) // 2
    np.testing.assert_array_equal(padded[left : left + 1001], short)
    assert np.count_nonzero(padded) == 1001
    assert len(front_end.prepare(np.ones(200_000, np.float32))) == 200_000
