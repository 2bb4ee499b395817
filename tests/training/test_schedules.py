"""WarmupCosine: every epoch against the formula, and the value that is published."""

import math

import pytest

from fat_tf.training import WarmupCosine


@pytest.mark.parametrize("epochs", [1, 5, 10, 50, 60, 65, 80])
def test_every_epoch_follows_the_formula(epochs):
    schedule, k = WarmupCosine(epochs), 0
    for e in range(epochs):
        if e < 0.1 * epochs:
            expected = 5e-5 + 1e-3 * e / (0.1 * epochs)
        else:
            expected = 1e-7 + (1e-3 - 1e-7) * (1 + math.cos(math.pi * k / epochs)) / 2
            k += 1
        assert schedule.rate(e) == pytest.approx(expected, rel=1e-12)


def test_65_epochs_end_where_theirs_did():
    assert WarmupCosine(65).rate(64) == pytest.approx(3.70e-5, rel=2e-3)
    assert max(WarmupCosine(65).rate(e) for e in range(65)) == pytest.approx(1e-3, rel=0.05)


def test_ends_after_its_last_epoch():
    schedule = WarmupCosine(3)
    assert [schedule([1.0] * n) for n in range(3)] == [schedule.rate(n) for n in range(3)]
    assert schedule([1.0] * 3) is None
