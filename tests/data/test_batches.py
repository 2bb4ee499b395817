"""Batches: what an epoch draws depends on seed and number alone; windows cover their clips."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fat_tf.data.batches import (
    count_windows,
    random_window,
    steps_per_epoch,
    training_batches,
    window_batches,
)
from fat_tf.data.windows import regular_starts, regular_starts_of

WINDOW = 10


class Ramps:
    """Clips that count their own steps, (length, 1), after the row times 1000."""

    gives_pictures = keeps_order = True
    input_shape = (WINDOW, 1)
    window = WINDOW
    step_seconds = 0.5

    def __init__(self, lengths):
        self.lengths = np.array(lengths)

    def examples(self, rows, seed=None):
        rows = tf.constant(rows, tf.int64)
        rows = rows if seed is None else tf.random.experimental.stateless_shuffle(rows, seed)
        lengths = tf.constant(self.lengths)
        return tf.data.Dataset.from_tensor_slices(rows).map(
            lambda row: (row, tf.cast(1000 * row + tf.range(lengths[row]), tf.float32)[:, None])
        )

    def to_input(self, windows):
        return windows


SOURCE = Ramps([10, 17, 30, 11, 25, 10, 40])
TARGETS = np.eye(7, dtype=np.float32)


def epochs(numbers: range, seed=(1, 2), rows=(0, 1, 2, 4, 5, 6), batch=4) -> list[tuple[np.ndarray, np.ndarray]]:
    batches = training_batches(SOURCE, np.array(rows), TARGETS, batch, numbers, seed)
    return [(x.numpy(), y.numpy()) for ((x, y),) in batches]


def test_labels_kept_as_bytes_are_given_as_float32():
    ((x, y),) = next(iter(training_batches(SOURCE, np.arange(7), TARGETS.astype(np.uint8), 7, range(1), (1, 2))))
    assert y.dtype == tf.float32
    np.testing.assert_array_equal(y, TARGETS[x.numpy()[:, 0, 0].astype(int) // 1000])


def test_an_epoch_gives_each_clip_once_with_its_labels_and_keeps_the_last_partial_batch():
    batches = epochs(range(1))
    assert [len(x) for x, _ in batches] == [4, 2]
    seen = []
    for x, y in batches:
        for window, label in zip(x[..., 0], y, strict=True):
            row = int(window[0]) // 1000
            assert label.argmax() == row and (np.diff(window) == 1).all()
            assert window[-1] < 1000 * row + SOURCE.lengths[row]
            seen.append(row)
    assert sorted(seen) == [0, 1, 2, 4, 5, 6]


def test_a_last_clip_alone_is_left_out_and_it_is_another_one_each_epoch():
    rows = (0, 1, 2, 4, 6)
    batches = epochs(range(9), rows=rows, batch=2)
    assert [len(x) for x, _ in batches] == [2, 2] * 9 == [2] * steps_per_epoch(5, 2, 2) * 9
    used = [{int(y.argmax()) for _, labels in batches[i : i + 2] for y in labels} for i in range(0, 18, 2)]
    assert all(len(of_epoch) == 4 for of_epoch in used) and set.union(*used) == set(rows) != set.intersection(*used)


def test_what_an_epoch_draws_depends_on_seed_and_number_alone():
    whole, second = epochs(range(3)), epochs(range(1, 2))
    for (x, y), (x2, y2) in zip(whole[2:4], second, strict=True):
        np.testing.assert_array_equal(x, x2)
        np.testing.assert_array_equal(y, y2)
    first = np.concatenate([x for x, _ in whole[:2]])
    assert (first != np.concatenate([x for x, _ in whole[2:4]])).any()
    assert (first != np.concatenate([x for x, _ in epochs(range(1), seed=(1, 3))])).any()


def test_starts_of_random_windows_are_uniform():
    clip = tf.range(14)[:, None]
    draw = tf.function(lambda i: random_window(clip, WINDOW, tf.stack([i, 5]))[0, 0])
    starts = np.bincount([int(draw(tf.constant(i))) for i in range(2000)], minlength=5)
    assert len(starts) == 5 and stats.chisquare(starts).pvalue > 1e-3


@given(st.integers(1, 500), st.integers(1, 100), st.integers(1, 12))
def test_regular_windows_lie_in_the_clip_and_reach_both_ends(extra, window, count):
    starts = regular_starts(window + extra, window, count)
    assert len(starts) == len(set(starts)) <= count
    assert starts.min() >= 0 and starts.max() <= extra
    if count > 1:
        assert starts[0] == 0 and starts[-1] == extra
        assert np.ptp(np.diff(starts)) <= 1 or len(starts) < count
    else:
        assert abs(starts[0] - extra / 2) <= 0.5


@given(st.lists(st.integers(0, 300), min_size=1, max_size=8), st.integers(1, 100), st.integers(2, 12))
def test_windows_of_many_clips_are_those_of_each(extras, window, count):
    starts, counts = regular_starts_of(np.array(extras) + window, window, count)
    expected = [np.unique(np.round(np.linspace(0, extra, count)).astype(int)) for extra in extras]
    assert starts.tolist() == np.concatenate(expected).tolist() and counts.tolist() == list(map(len, expected))


@pytest.mark.parametrize("count", [1, 3, 8])
def test_windows_are_batched_across_clips_and_a_short_clip_has_one(count):
    rows, starts, windows = zip(*window_batches(SOURCE, np.array([0, 2, 5, 6]), count, 4), strict=True)
    owners, windows = np.concatenate(rows), np.concatenate(windows)[..., 0]
    assert all(len(batch) == 4 for batch in rows[:-1])
    assert len(owners) == count_windows(SOURCE, np.array([0, 2, 5, 6]), count)
    assert (owners == 0).sum() == (owners == 5).sum() == 1
    for row in (2, 6):
        expected = regular_starts(SOURCE.lengths[row], WINDOW, count) + 1000 * row
        np.testing.assert_array_equal(windows[owners == row][:, 0], expected)
        np.testing.assert_array_equal(np.concatenate(starts)[owners == row] + 1000 * row, expected)
