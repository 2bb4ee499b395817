"""Parts of a fold's clips: whole groups, of every class, in one another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fat_tf import config
from fat_tf.data.strata import strata
from fat_tf.errors import UserError
from fat_tf.training.share_of_curated import ShareOfCurated

SETS = st.tuples(st.integers(1, 60), st.integers(1, 5), st.integers(1, 30), st.integers(0, 99))
SHARES = st.floats(0.01, 1)


def clips(size: int, classes: int, groups: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(rows, targets, groups): some of the clips, with two labels or none here and there."""
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(2 * size)[:size])
    return rows, (rng.random((2 * size, classes)) < 1.3 / classes).astype(float), rng.integers(0, groups, 2 * size)


@given(SETS, SHARES, SHARES, st.integers(0, 9))
@settings(max_examples=80)
def test_a_share_has_whole_groups_of_every_class_and_all_of_a_smaller_one(given_set, one, other, draw):
    rows, targets, groups = clips(*given_set)
    small, large = (ShareOfCurated(share, draw)(rows, targets, groups) for share in sorted((one, other)))
    assert set(small) <= set(large) <= set(rows) and list(large) == sorted(large)
    assert not set(groups[large]) & set(groups[np.setdiff1d(rows, large)])
    firsts = rows[np.unique(groups[rows], return_index=True)[1]]
    assert set(strata(targets[firsts])) <= set(strata(targets[large]))
    np.testing.assert_array_equal(ShareOfCurated(1.0, draw)(rows, targets, groups), rows)


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.77])
def test_each_class_has_its_share_to_a_clip(share):
    rows, targets = np.arange(100), np.eye(3)[np.repeat([0, 1, 2], [10, 30, 60])]
    counts = np.array([targets[ShareOfCurated(share, draw)(rows, targets, rows)].sum(axis=0) for draw in range(40)])
    assert (np.abs(counts - share * np.array([10, 30, 60])) < 1).all()
    assert abs(counts.sum(axis=1).mean() - 100 * share) < 1


def test_the_share_is_one_of_clips_not_of_groups():
    rows, groups = np.arange(1200), np.append(np.zeros(600, int), np.arange(1, 601))  # one group has half of the clips
    sizes = [len(ShareOfCurated(0.5, draw)(rows, np.ones((1200, 1)), groups)) for draw in range(200)]
    assert abs(np.mean(sizes) - 600) < 60


def test_draws_are_others_and_each_is_the_same_again():
    rows, targets, groups = clips(50, 3, 40, seed=1)
    first, again, other = (ShareOfCurated(0.5, draw)(rows, targets, groups) for draw in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert set(first) != set(other)


@pytest.mark.parametrize("share", [0, -0.1, 1.01, float("nan")])
def test_other_shares_are_refused(share):
    with pytest.raises(UserError, match=r"share is above 0 and at most 1, not"):
        ShareOfCurated(share)


def test_a_recipe_takes_it_by_name():
    params = ["Recipe.subset = @ShareOfCurated()", "ShareOfCurated.share = 0.5", "ShareOfCurated.draw = 3"]
    config.load(["m1.gin"], params)
    assert config.make("Recipe").subset == ShareOfCurated(0.5, 3)
