"""Intervals over groups of clips; those over clips are among the tests of lwlrap."""

import numpy as np
import pytest

from fat_tf.metrics import Bootstrap, bootstrap, bootstrap_interval, paired_difference
from fat_tf.metrics.bootstrap import interval_of_ratio


def test_groups_are_resampled_whole():
    """Ten copies of each clip, in a group, say as much as the clip alone; as clips of their own they would say more."""
    rng = np.random.default_rng(3)
    truth, scores = np.eye(4)[rng.integers(4, size=30)], rng.random((30, 4))
    alone = bootstrap_interval(truth, scores)
    ten_truth, ten_scores, groups = (np.repeat(array, 10, axis=0) for array in (truth, scores, np.arange(30)))
    grouped = bootstrap_interval(ten_truth, ten_scores, groups=groups)
    np.testing.assert_allclose(grouped, alone, atol=1e-12)
    apart = bootstrap_interval(ten_truth, ten_scores)
    assert apart[1] - apart[0] < 0.5 * (alone[1] - alone[0])
    assert bootstrap_interval(truth, scores, groups=np.arange(30)) == alone
    worse = rng.random((300, 4))
    gain, (low, high) = paired_difference(ten_truth, ten_scores, worse, groups=groups)
    _, (low_apart, high_apart) = paired_difference(ten_truth, ten_scores, worse)
    assert low < low_apart < gain < high_apart < high


def test_repeats_are_resampled_too():
    """Of alike repeats it is the interval of one; where they differ by more than clips do, that of their means."""
    gains, labels = np.random.default_rng(5).normal(0.1, 1, 400), np.ones(400)
    alone = interval_of_ratio(gains, labels, bootstrap=Bootstrap(seed=1))
    assert interval_of_ratio(np.stack([gains] * 3), labels, bootstrap=Bootstrap(seed=1)) == alone
    low, high = interval_of_ratio(np.stack([gains - 2, gains, gains + 2]), labels, bootstrap=Bootstrap(seed=1))
    deviation = np.hypot(2 * np.sqrt(2 / 9), gains.std() / 20)  # of the mean of three of {-2, 0, 2}, and of the clips
    assert high - low == pytest.approx(2 * 1.96 * deviation, rel=0.1)


def test_bags_of_many_clips_have_the_interval_of_the_clips(monkeypatch):
    rng = np.random.default_rng(4)
    truth, scores = np.eye(3)[rng.integers(3, size=6000)], rng.random((6000, 3))
    low, high = bootstrap_interval(truth, scores)
    monkeypatch.setattr(bootstrap, "MANY", 1000)
    np.testing.assert_allclose(bootstrap_interval(truth, scores), (low, high), atol=0.1 * (high - low))
