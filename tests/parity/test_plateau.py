"""ReduceOnPlateau against torch.optim.lr_scheduler.ReduceLROnPlateau on recorded losses."""

from pathlib import Path

import numpy as np
import pytest

from fat_tf.training.schedules import ReduceOnPlateau

GOLDENS = np.load(Path(__file__).parent / "goldens" / "plateau.npz")


@pytest.mark.parametrize("case", range(len(GOLDENS["losses"])))
def test_rates_equal_pytorch_until_one_epoch_after_the_lowest_one_is_reached(case):
    losses, rates = GOLDENS["losses"][case], GOLDENS["rates"][case]
    schedule = ReduceOnPlateau(epochs=len(losses))
    at_low = np.flatnonzero(rates <= 1.001e-7)
    last = at_low[0] if len(at_low) else len(losses) - 1
    for epoch in range(last + 1):
        assert schedule(losses[:epoch]) == pytest.approx(rates[epoch], rel=1e-9)
    assert schedule(losses[: last + 1]) is None


def test_the_recorded_cases_cover_both_ends():
    ends = [bool((rates <= 1.001e-7).any()) for rates in GOLDENS["rates"]]
    assert any(ends) and not all(ends)
