"""The warning at chance: where nothing is learnt and the schedule has given it a chance, and nowhere else."""

import numpy as np
import pytest

from fat_tf.runs.fold_state import FoldState
from fat_tf.training.callbacks import WarnAtChance
from fat_tf.training.schedules import WarmupCosine

TRUTH = np.eye(16)[np.arange(96) % 16]  # 16 classes: chance is 0.21


def run(capsys, steps: int, losses, val_lwlraps, rates=None, frequency=None) -> list[str]:
    """What is said in epochs of these figures."""
    rates = [WarmupCosine(len(losses)).rate(epoch) for epoch in range(len(losses))] if rates is None else rates
    state = FoldState()
    callback = WarnAtChance(state, TRUTH, np.full(16, 24) if frequency is None else frequency, steps, len(losses))
    for epoch, (lr, loss, val) in enumerate(zip(rates, losses, val_lwlraps, strict=True)):
        state.history.append({"stage": "fit", "lr": lr, "loss": loss, "val_lwlrap": val})
        callback.on_epoch_end(epoch)
    return capsys.readouterr().err.splitlines()


def test_a_short_run_that_has_begun_to_learn_is_left_alone(capsys):
    assert run(capsys, 24, [11.6, 11.1, 10.6], [0.247, 0.245, 0.20]) == []
    assert run(capsys, 24, [11.6], [0.2]) == []
    assert run(capsys, 3, [7.3, 7.1, 7.2], [0.2, 0.2, 0.2]) == []  # nine steps


def test_a_short_run_whose_loss_stands_still_is_warned_of_at_its_end(capsys):
    [said] = run(capsys, 24, [11.6, 11.5, 11.6], [0.2, 0.21, 0.2])
    assert said.startswith("Warning: after 3 epochs the validation lwlrap is 0.203, which chance reaches too (0.2")
    assert "and the training loss does not fall. Wrong labels" in said


def test_a_run_at_chance_is_warned_of_once_after_enough_steps_since_the_warm_up(capsys):
    [said] = run(capsys, 24, np.linspace(11, 2, 30), np.full(30, 0.2))
    assert said.startswith("Warning: after 17 epochs")  # four up to the highest rate, and 13 of 24 steps


def test_a_run_that_learns_late_is_not_warned_of(capsys):
    late = [0.2] * 15 + [0.5] * 15
    assert run(capsys, 24, np.linspace(11, 2, 30), late) == []


def test_one_lucky_epoch_is_not_learning(capsys):
    assert len(run(capsys, 24, np.linspace(11, 2, 30), [0.2] * 5 + [0.3] + [0.2] * 24)) == 1


def test_many_clips_are_judged_after_a_few_epochs_at_the_full_rate(capsys):
    [said] = run(capsys, 1000, np.linspace(9, 8, 20), np.full(20, 0.2))
    assert said.startswith("Warning: after 4 epochs")  # three up to the highest rate


def test_frequent_classes_alone_are_no_learning(capsys):
    frequency = np.where(np.arange(16) == 0, 100, 1)
    common = np.eye(16)[np.where(np.arange(96) % 3, 0, np.arange(96) % 16)]
    state = FoldState(history=[{"stage": "fit", "lr": 1.0, "loss": 1.0, "val_lwlrap": 0.66}] * 2)
    WarnAtChance(state, common, frequency, 1000, 2).on_epoch_end(1)
    assert "which chance reaches too (0.7" in capsys.readouterr().err


@pytest.mark.parametrize("rates", [[0.0] * 5, [1e-3, 1e-4, 1e-5, 1e-6, 1e-7]])
def test_any_schedule_will_do(capsys, rates):
    assert len(run(capsys, 100, [11.6] * 5, [0.2] * 5, rates)) == 1
