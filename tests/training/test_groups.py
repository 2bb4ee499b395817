"""A fold does not train on clips of the groups that it is judged by."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from fat_tf.errors import UserError
from fat_tf.training.fold_data import fold_data
from fat_tf.training.run_data import FoldedClips, RunData, warn_of_split_groups
from fat_tf.training.schedules import WarmupCosine
from fat_tf.training.scorers import ScorerVerdict
from fat_tf.training.stage import Stage
from fat_tf.training.summary import _groups

CURATED, NOISY = ["a", "a", "b", "b", "c", "c", "", ""], ["a", "b", "c", "d", ""]
FOLDS = np.array([0, 0, 0, 0, 1, 1, 0, 1])


@pytest.fixture
def run_data():
    clips = pd.DataFrame({
        "fname": [f"{k}.wav" for k in range(13)],
        "path": [f"{k}.wav" for k in range(13)],
        "source": ["curated"] * 8 + ["noisy"] * 5,
        "group": CURATED + NOISY,
    })  # fmt: skip
    dataset = SimpleNamespace(vocabulary=("1", "2"), of=lambda source: clips[clips["source"] == source])
    return RunData(dataset, clips, np.eye(2)[np.arange(13) % 2], FOLDS, pd.DataFrame(), None, {})


def recipe(inner_share: float) -> SimpleNamespace:
    stages = tuple(
        Stage(name, WarmupCosine(1), start="fresh", data=name) for name in ("noisy", "curated+noisy", "curated+best")
    )
    return SimpleNamespace(stages=stages, seed=1, inner_share=inner_share, subset=None)


def test_noisy_clips_of_held_out_groups_are_left_out(run_data):
    best = np.array([8, 10, 11])
    first, second = (fold_data(recipe(0), run_data, fold, ScorerVerdict(best)).training for fold in (0, 1))
    assert list(first["noisy"]) == [10, 11, 12] and list(second["noisy"]) == [8, 9, 11, 12]
    assert list(second["curated+noisy"]) == [0, 1, 2, 3, 6, 8, 9, 11, 12]
    assert list(first["curated+best"]) == [4, 5, 7, 10, 11]


def test_how_many_noisy_clips_groups_keep_out_is_said(run_data):
    assert _groups(recipe(0), run_data, [0, 1])["Groups"] == (
        "5 among 8 curated clips; noisy clips of what a fold is judged by, which it is not trained on: 2, 1"
    )


def test_a_stage_that_groups_leave_without_clips_is_a_line(run_data):
    clips = run_data.clips.assign(group=CURATED + ["a"] * 5)
    with pytest.raises(UserError, match="Fold 0 has no clips for its stage noisy: all 5 noisy clips are of groups"):
        fold_data(recipe(0), replace(run_data, clips=clips), 0)


@pytest.mark.parametrize("fold", [0, 1])
def test_an_inner_split_parts_no_group(run_data, fold):
    data = fold_data(recipe(0.4), run_data, fold)
    judged = {run_data.clips["group"][row] for row in (*data.held_out, *data.validation)} - {""}
    assert not judged & {run_data.clips["group"][row] for row in data.training["curated+noisy"]}
    assert sorted([*data.curated, *data.validation, *data.held_out]) == list(range(8))


def test_folds_that_part_a_group_are_told(run_data, capsys):
    for folds in (FOLDS, np.array([0, 1, 0, 0, 1, 1, 0, 1])):
        warn_of_split_groups(FoldedClips(run_data.dataset, run_data.clips, folds))
    said = capsys.readouterr().err
    assert said.startswith("Warning: the folds part the clips of 1 group (a)") and len(said.splitlines()) == 1
