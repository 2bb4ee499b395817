"""assign_folds: the three ways, their balance, their reproducibility."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import StratifiedKFold

from fat_tf.data import assign_folds
from fat_tf.data.fold_assignment import folds_as_in, scarce_classes
from fat_tf.data.groups import split_groups
from fat_tf.errors import UserError


def clips(count: int, fold=None) -> pd.DataFrame:
    return pd.DataFrame({"fname": [f"{i}.wav" for i in range(count)], "fold": fold})


def several_labels(count: int, classes: int = 6) -> np.ndarray:
    targets = (np.random.default_rng(3).random((count, classes)) < 0.3).astype(np.float32)
    targets[np.arange(count), np.arange(count) % classes] = 1
    return targets


def test_ninth_place_stratifies_on_the_lowest_class_index():
    targets = several_labels(120)
    folds = assign_folds(clips(120), targets)
    lowest = [row.nonzero()[0][0] for row in targets]
    for fold, (_, test) in enumerate(StratifiedKFold(5, shuffle=True, random_state=2019).split(targets, lowest)):
        assert set(np.flatnonzero(folds == fold)) == set(test)


@pytest.mark.parametrize("method", ["ninth_place", "iterative"])
def test_folds_are_balanced_and_repeatable(method):
    targets = several_labels(120)
    folds = assign_folds(clips(120), targets, method=method)
    np.testing.assert_array_equal(folds, assign_folds(clips(120), targets, method=method))
    assert (folds != assign_folds(clips(120), targets, method=method, seed=1)).any()
    assert np.bincount(folds).min() >= 20


def test_iterative_balances_every_class():
    targets = several_labels(200)
    folds = assign_folds(clips(200), targets, method="iterative")
    share = np.stack([targets[folds == fold].sum(axis=0) for fold in range(5)]) / targets.sum(axis=0)
    assert np.abs(share - 0.2).max() < 0.05


@pytest.mark.parametrize(
    "given, expected", [(["2", "10", "2", "1"], [1, 2, 1, 0]), (["b", "a", "c", "b"], [1, 0, 2, 1])]
)
def test_given_folds_are_sorted_values(given, expected):
    np.testing.assert_array_equal(assign_folds(clips(4, given), several_labels(4)), expected)


@pytest.mark.parametrize("arguments, message", [
    ({"method": "random"}, "one of ninth_place, iterative"),
    ({"count": 1}, "do not make 1 folds"),
    ({"count": 40}, "do not make 40 folds"),
])  # fmt: skip
def test_what_makes_no_folds_is_said(arguments, message):
    with pytest.raises(UserError, match=message):
        assign_folds(clips(30), several_labels(30), **arguments)


@pytest.mark.parametrize("method", ["ninth_place", "iterative"])
def test_too_few_clips_in_every_class_still_make_folds(method):
    targets = np.eye(3, dtype=np.float32)[[0, 1, 2] * 4]
    folds = assign_folds(clips(12), targets, method=method)
    assert set(folds) == set(range(5)) and len(scarce_classes(targets, folds, ("a", "b", "c"))) == 3


@pytest.mark.parametrize("method", ["ninth_place", "iterative"])
def test_background_is_spread_over_the_folds_as_a_class_of_its_own(method):
    targets = np.vstack([np.eye(2)[[0] * 40 + [1] * 20], np.zeros((20, 2))]).astype(np.float32)
    folds = assign_folds(clips(80), targets, method=method)
    for rows in (slice(40), slice(40, 60), slice(60, 80)):
        assert np.ptp(np.bincount(folds[rows], minlength=5)) <= 1
    assert assign_folds(clips(80), targets[:, :1], method=method).max() == 4


def grouped(sizes: list[int]) -> pd.DataFrame:
    """Clips of groups of these sizes."""
    names = [f"recording {number}" for number, size in enumerate(sizes) for _ in range(size)]
    return clips(len(names)).assign(group=names)


def test_groups_stay_in_one_fold_and_classes_are_balanced():
    table = grouped([1 + number % 4 for number in range(60)])
    groups = table["group"].str.split().str[1].astype(int)
    targets = np.eye(3, dtype=np.float32)[groups % 3]
    folds = assign_folds(table, targets)
    assert (pd.Series(folds).groupby(table["group"]).nunique() == 1).all()
    share = np.stack([targets[folds == fold].sum(axis=0) for fold in range(5)]) / targets.sum(axis=0)
    assert np.abs(share - 0.2).max() < 0.08
    np.testing.assert_array_equal(folds, assign_folds(table, targets))


def test_clips_without_a_group_are_alone():
    table = clips(20).assign(group=["a"] * 4 + [None] * 8 + [" "] * 8)
    folds = assign_folds(table, np.eye(2, dtype=np.float32)[[0, 1] * 10])
    assert len(set(folds[:4])) == 1 and set(folds[4:12]) == set(folds[12:]) | {folds[0]} == set(range(5))


def test_groups_of_classes_with_few_clips_still_make_folds():
    folds = assign_folds(grouped([2] * 6), np.eye(4, dtype=np.float32)[np.arange(12) // 3])
    assert set(folds) == set(range(5)) and (folds[::2] == folds[1::2]).all()
    with pytest.raises(UserError, match=r"3 groups do not make 5 folds: set assign_folds\.count to 3 or less"):
        assign_folds(grouped([9, 9, 9]), several_labels(27))


def test_given_folds_win_over_groups_and_what_they_part_is_known():
    table = grouped([2, 2]).assign(fold=["1", "2", "2", "2"])
    folds = assign_folds(table, several_labels(4))
    assert list(folds) == [0, 1, 1, 1] and split_groups(table, folds) == ["recording 0"]
    assert split_groups(clips(4), folds) == []


def test_a_new_clip_goes_to_its_group():
    table = grouped([3, 4])
    given = pd.DataFrame({"fname": ["0.wav", "3.wav", "4.wav"], "fold": ["1", "0", "0"]})
    np.testing.assert_array_equal(folds_as_in(table, several_labels(7), given, "r"), [1, 1, 1, 0, 0, 0, 0])


def test_new_background_goes_where_background_is_rare():
    given = pd.DataFrame({"fname": ["0", "1", "2", "3"], "fold": ["0", "0", "0", "1"]})
    targets = np.array([[1, 0], [1, 0], [0, 0], [1, 0], [0, 0], [1, 0]])  # of class 0: two in fold 0, one in fold 1
    names = pd.DataFrame({"fname": ["0", "1", "2", "3", "new background", "new"]})
    np.testing.assert_array_equal(folds_as_in(names, targets, given, "r"), [0, 0, 0, 1, 1, 1])


OTHER = pd.DataFrame({"fname": [f"{i}.wav" for i in range(8)], "fold": ["0", "1", "0", "1", "0", "1", "0", "1"]})


def test_clips_have_the_folds_of_another_run_and_new_ones_go_where_their_class_is_rare():
    names = ["7.wav", "new.wav", "0.wav", "NA", "2.wav", "1.wav"]
    targets = np.eye(2, dtype=np.float32)[[0, 0, 1, 1, 0, 0]]  # of class 0: one clip in fold 0, two in fold 1
    folds = folds_as_in(pd.DataFrame({"fname": names}), targets, OTHER, "r")
    np.testing.assert_array_equal(folds, [1, 0, 0, 1, 0, 1])


@pytest.mark.parametrize("names, message", [
    (["a.wav", "b.wav"], "r has none of these 2 training clips"),
    (["0.wav", "2.wav"], "Fold 1 of r has none of these clips: train without --folds_from"),
])  # fmt: skip
def test_folds_of_a_run_of_other_clips_are_refused(names, message):
    with pytest.raises(UserError, match=message):
        folds_as_in(pd.DataFrame({"fname": names}), np.eye(2, dtype=np.float32), OTHER, "r")


def test_one_given_fold_is_refused():
    with pytest.raises(UserError, match="one value alone"):
        assign_folds(clips(3, ["1", "1", "1"]), several_labels(3))


def test_scarce_classes_are_named_and_do_not_stop_the_folds():
    targets = np.eye(2, dtype=np.float32)[[0] * 10 + [1] * 2]
    folds = assign_folds(clips(12), targets)
    assert scarce_classes(targets, folds, ("Dog", "Cat")) == ["Cat (2)"]


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_is_none_is_refused(seed):
    clips = pd.DataFrame({"fold": [None] * 4})
    with pytest.raises(UserError, match=rf"assign_folds\.seed is from 0 to 4294967295, not {seed}"):
        assign_folds(clips, np.eye(2)[[0, 1, 0, 1]], 2, seed=seed)
