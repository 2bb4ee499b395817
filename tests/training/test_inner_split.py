"""Checkpoints that are chosen without the fold's own clips."""

import numpy as np
import pandas as pd
import pytest

from fat_tf.errors import UserError
from fat_tf.runs.fold_state import HELD_OUT
from fat_tf.training.fold_data import inner_split
from fat_tf.training.results import checkpoint_optimism

ALONE = np.arange(200)  # each clip a group


def test_the_split_is_stratified_and_follows_the_seed():
    targets = np.eye(4)[np.arange(200) % 4]
    rows = np.random.default_rng(0).permutation(200)[:120]
    train, inner = inner_split(rows, targets, ALONE, 0.25, seed=1)
    assert sorted([*train, *inner]) == sorted(rows) and len(inner) == 30
    there, kept = targets[rows].sum(axis=0), targets[inner].sum(axis=0)
    assert np.abs(kept - there / 4).max() <= 1
    np.testing.assert_array_equal(inner_split(rows, targets, ALONE, 0.25, seed=1)[1], inner)
    assert set(inner_split(rows, targets, ALONE, 0.25, seed=2)[1]) != set(inner)


@pytest.mark.parametrize("share, clips, held_back", [(0.4, 100, 40), (0.3, 100, 30), (0.5, 3, 2), (0.1, 4, 1)])
def test_the_share_is_what_was_asked_for_also_of_few_clips_and_rare_classes(share, clips, held_back):
    targets = np.eye(3)[[0] * (clips - 2) + [1, 2]]
    train, inner = inner_split(np.arange(clips), targets, ALONE, share, seed=3)
    assert len(inner) == held_back and sorted([*train, *inner]) == list(range(clips))


def test_background_is_a_class_of_its_own():
    targets = np.vstack([np.eye(3)[[0] * 50 + [1] * 50], np.zeros((100, 3))])
    inner = inner_split(np.arange(200), targets, ALONE, 0.1, seed=4)[1]
    assert (np.bincount(inner // 50, minlength=4)[:2] == 5).all() and (inner >= 100).sum() == 10


def test_groups_stay_whole_and_a_share_of_them_is_held_back():
    groups, targets = np.arange(200) // 5, np.eye(4)[np.arange(200) // 50]
    train, inner = inner_split(np.arange(20, 200), targets, groups, 0.25, seed=1)
    assert not set(groups[train]) & set(groups[inner]) and sorted([*train, *inner]) == list(range(20, 200))
    assert len(inner) == 45 and (np.bincount(inner // 50) >= 5).all()
    with pytest.raises(UserError, match="1 group of 5 training clips cannot be split"):
        inner_split(np.arange(5), targets, groups, 0.25, seed=1)


def test_a_single_clip_cannot_be_split():
    with pytest.raises(UserError, match=r"1 training clips cannot be split: set Recipe.inner_share = 0"):
        inner_split(np.array([5]), np.ones((9, 2)), ALONE, 0.4, seed=0)


def test_optimism_is_what_the_best_epoch_had_more():
    first = pd.DataFrame({"val_lwlrap": [0.1, 0.9, 0.9], HELD_OUT: [0.5, 0.6, 0.8]})
    second = pd.DataFrame({"val_lwlrap": [0.1, 0.2, 0.3], HELD_OUT: [0.5, 0.4, 0.7]})
    assert checkpoint_optimism([first, second]) == pytest.approx(0.1)


@pytest.mark.slow
def test_a_run_chooses_by_the_inner_split_and_is_judged_by_the_fold(run_tiny, tmp_path, capsys):
    metrics = run_tiny(tmp_path / "r", "Recipe.inner_share=0.25", folds=[0])
    history = pd.read_csv(tmp_path / "r" / "fold_0" / "history.csv")
    assert history.columns[-1] == HELD_OUT and (history[HELD_OUT] != history["val_lwlrap"]).any()
    assert metrics["checkpoint_optimism"] == pytest.approx(checkpoint_optimism([history]))
    folds = pd.read_csv(tmp_path / "r" / "folds.csv")
    scored = pd.read_csv(tmp_path / "r" / "oof_scores.csv")["fname"]
    assert list(scored) == list(folds.loc[folds["fold"] == 0, "fname"])
    assert "would have flattered them by" in capsys.readouterr().out


@pytest.mark.slow
def test_last_weights_were_chosen_by_nothing_that_could_flatter(run_tiny, tmp_path):
    metrics = run_tiny(tmp_path / "r", "Recipe.inner_share=0.25", "Recipe.last_weights=True", folds=[0])
    assert "checkpoint_optimism" not in metrics


def test_a_share_without_sense_is_refused(run_tiny, tmp_path):
    with pytest.raises(UserError, match="inner_share is a share of"):
        run_tiny(tmp_path / "r", "Recipe.inner_share=0.8")
