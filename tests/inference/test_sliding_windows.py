"""Windows over sound that comes in blocks, beside slices of the whole."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fat_tf.inference.sliding_windows import sliding_windows


@given(
    samples=st.integers(0, 60),
    window=st.integers(1, 20),
    hop=st.integers(1, 30),
    cuts=st.lists(st.integers(0, 60), max_size=6),
)
def test_windows_are_slices_of_the_whole_and_leave_no_end(samples, window, hop, cuts):
    sound = np.arange(samples, dtype=np.float32)
    windows = list(sliding_windows(np.split(sound, sorted(cuts)), window, hop))
    whole = list(range(0, samples - window + 1, hop))
    reached = whole[-1] + window if whole else 0
    starts = whole + ([max(samples - window, 0)] if reached < samples else [])
    assert [start for start, _ in windows] == starts
    for start, given_samples in windows:
        np.testing.assert_array_equal(given_samples, sound[start : start + window])


def test_windows_come_as_soon_as_they_can_and_little_is_kept():
    given_so_far = 0

    def blocks():
        nonlocal given_so_far
        for _ in range(1000):
            given_so_far += 7
            yield np.zeros(7, np.float32)

    for start, samples in sliding_windows(blocks(), 20, 10):
        assert len(samples) == 20
        if given_so_far < 7000:
            assert start + 20 <= given_so_far < start + 20 + 7
            assert samples.base is None or samples.base.size <= 20 + 2 * 10 + 7
