"""Where a fold stopped, whenever that was."""

import keras
import numpy as np
import pandas as pd
import pytest

from fat_tf.errors import UserError
from fat_tf.runs.fold_scores import FoldScores, NamedScores, save_fold_scores
from fat_tf.runs.fold_state import FoldState, open_state, restore_variables, save_kept, save_state, write_history

ROWS = [
    {"stage": "1", "epoch": 1, "lr": 1e-3, "loss": 0.1 + 0.2, "val_loss": 1 / 3, "lwlrap": 0.1, "val_lwlrap": 2 / 3,
     "seconds": 1.0, "clips_per_second": 2.5},
    {"stage": "1", "epoch": 2, "lr": 1e-3, "loss": 0.2, "val_loss": 0.4, "lwlrap": 0.2, "val_lwlrap": 2 / 3,
     "seconds": 1.0, "clips_per_second": 2.5},
]  # fmt: skip
REFIT = ROWS[0] | {"stage": "refit", "val_lwlrap": 0.9}


@pytest.fixture
def model() -> keras.Model:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.compile("adam", "mse")
    return model


def stopped(folder, model, rows=ROWS, kept_epoch: int = 1) -> FoldState:
    state = FoldState(rows[kept_epoch - 1]["val_lwlrap"], kept_epoch, list(rows))
    save_kept(folder, model, state)
    save_state(folder, model, state)
    return state


def scored(folder, *stages: str) -> None:
    nothing = NamedScores(np.array([]), np.zeros((0, 0)))
    save_fold_scores(folder, FoldScores(nothing, nothing, 1, stages))


def test_a_fold_that_has_not_begun_is_fresh(tmp_path):
    assert open_state(tmp_path) == FoldState() and FoldState().stage is None


def test_a_stop_in_a_stage_is_gone_on_from(tmp_path, model):
    before = stopped(tmp_path, model)
    state = open_state(tmp_path)
    assert state == before and state.stage == "1" and state.losses("1") == [1 / 3, 0.4]
    assert (tmp_path / "model.keras").is_file(), "the best model gets its name"
    assert len(pd.read_csv(tmp_path / "history.csv")) == 2, "the last line that a stop had prevented"
    weights = model.get_weights()
    model.set_weights([weight + 1 for weight in weights])
    restore_variables(tmp_path, model)
    np.testing.assert_array_equal(model.get_weights()[0], weights[0])


def test_a_scored_fold_has_its_history_and_no_state(tmp_path):
    write_history(tmp_path, FoldState(history=list(ROWS)))
    scored(tmp_path, "1")
    state = open_state(tmp_path)
    assert (state.best, state.kept_epoch, state.scored, state.stage) == (2 / 3, 1, ("1",), None)
    assert state.history == ROWS


def test_state_that_a_stop_left_behind_the_scores_is_cleared(tmp_path, model):
    stopped(tmp_path, model)
    scored(tmp_path, "1")
    assert open_state(tmp_path).stage is None and not (tmp_path / "state").exists()
    assert open_state(tmp_path).history == ROWS


def test_a_stop_in_an_appended_stage_is_gone_on_from(tmp_path, model):
    stopped(tmp_path, model, [*ROWS, REFIT], kept_epoch=3)
    scored(tmp_path, "1")
    state = open_state(tmp_path)
    assert (state.stage, state.best, state.kept_epoch) == ("refit", 0.9, 3) and (tmp_path / "state").exists()


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.99])
def test_a_cut_state_is_one_line_with_the_remedy(tmp_path, model, keep):
    stopped(tmp_path, model)
    file = tmp_path / "state" / "state.npz"
    file.write_bytes(file.read_bytes()[: int(keep * file.stat().st_size)])
    with pytest.raises(UserError, match=r"state.npz is damaged \(.*\): delete the folder .* trains that fold again"):
        open_state(tmp_path)


def test_a_scored_fold_without_its_history_is_said(tmp_path):
    scored(tmp_path, "1")
    with pytest.raises(UserError, match=r"history.csv cannot be read .* delete"):
        open_state(tmp_path)
