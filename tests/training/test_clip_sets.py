"""Sets of clips that a stage trains on."""

import numpy as np
import pandas as pd
import pytest

from fat_tf.errors import UserError
from fat_tf.training.clip_sets import FoldClips, choose, needs_noisy

ROWS = np.arange
CLIPS = FoldClips(1, pd.DataFrame({"fname": list("abcdefg")}), np.eye(7), ROWS(3), ROWS(4, 7), ROWS(5, 6), 2019)


class Even:
    needs_noisy = True

    def __call__(self, fold):
        rows = np.append(fold.curated, fold.noisy)
        return rows[rows % 2 == 0]


@pytest.mark.parametrize("data, rows", [
    ("curated", [0, 1, 2]), ("noisy", [4, 5, 6]), ("curated+noisy", [0, 1, 2, 4, 5, 6]), ("curated+best", [0, 1, 2, 5]),
    (Even, [0, 2, 4, 6]), (Even(), [0, 2, 4, 6]), (lambda fold: fold.curated[:1], [0]),
])  # fmt: skip
def test_rows_of_each_set(data, rows):
    np.testing.assert_array_equal(choose(data, CLIPS), rows)


def test_only_sets_that_say_so_need_noisy_clips():
    assert [needs_noisy(data) for data in ("curated", "noisy", "curated+best", Even, Even(), choose)] == [
        False, True, True, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("rows", [[], [3], [0, 7], [[0, 1]]], ids=str)
def test_rows_that_a_fold_may_not_train_on_are_refused(rows):
    with pytest.raises(UserError, match=r"clips <lambda> gives .*: expected are rows \(clips,\) of"):
        choose(lambda fold: rows, CLIPS)


def test_what_a_set_raises_is_a_line():
    with pytest.raises(UserError, match=r"The set of clips <lambda>: KeyError: .*test_clip_sets.py, line \d+\)$"):
        choose(lambda fold: fold.clips["nothing"], CLIPS)
