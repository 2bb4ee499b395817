"""Sets of clips that a stage trains on."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from fat_tf.data.batches import batch_rows, training_batches
from fat_tf.data.drawn_rows import all_rows, in_shares, rows_of_epoch
from fat_tf.errors import UserError
from fat_tf.training import Stage, WarmupCosine
from fat_tf.training.clip_sets import FoldClips, Shares, choose, needs_noisy, takes_best

ROWS = np.arange
CLIPS = FoldClips(1, pd.DataFrame({"fname": list("abcdefg")}), np.eye(7), ROWS(3), ROWS(4, 7), ROWS(5, 6), 2019)


class Even:
    needs_noisy = True

    def __call__(self, fold):
        rows = np.append(fold.curated, fold.noisy)
        return rows[rows % 2 == 0]


@pytest.mark.parametrize("data, rows", [
    ("curated", [0, 1, 2]), ("noisy", [4, 5, 6]), ("curated+noisy", [0, 1, 2, 4, 5, 6]), ("curated+best", [0, 1, 2, 5]),
    (Even(), [0, 2, 4, 6]), (lambda fold: fold.curated[:1], [0]),
])  # fmt: skip
def test_rows_of_each_set(data, rows):
    np.testing.assert_array_equal(choose(data, CLIPS), rows)


def test_only_sets_that_say_so_need_noisy_clips():
    assert [needs_noisy(data) for data in ("curated", "noisy", "curated+best", Even, Even(), choose)] == [
        False, True, True, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("rows", [[], [3], [0, 7], [[0, 1]], [True, False, True], [0.0], np.array([], int)], ids=str)
def test_rows_that_a_fold_may_not_train_on_are_refused(rows):
    with pytest.raises(UserError, match=r"clips <lambda> gives .*: expected are rows \(clips,\) of"):
        choose(lambda fold: rows, CLIPS)


MANY = FoldClips(1, CLIPS.clips, np.eye(3000), ROWS(570), ROWS(1000, 3000), ROWS(1000, 1500), 2019)


def sources_of(rows, best=True) -> np.ndarray:
    """(3,) shares of curated, best and other noisy clips; all noisy ones are others where no best ones are taken."""
    return np.histogram(rows, [0, 1000, 1500 if best else 1000, 3000])[0] / len(rows)


@pytest.mark.parametrize("shares", [(0.57, 0.42, 0.01), (0.5, 0.0, 0.5), (0.2, 0.5, 0.3)])
def test_an_epoch_has_the_shares_and_no_clip_of_a_source_twice(shares):
    drawn = choose(Shares(*shares), MANY)
    one, other = (rows_of_epoch(drawn, tf.constant([seed, 0])).numpy() for seed in (1, 2))
    assert len(one) == len(drawn)
    np.testing.assert_allclose(sources_of(one, best=shares[1] > 0), shares, atol=0.002)
    assert len(np.unique(one)) == len(one) and set(one) <= set(all_rows(drawn))
    assert set(one) != set(other)  # each epoch draws anew
    assert any(count == len(part) for count, part in zip(drawn.counts, drawn.parts, strict=True))


def test_shares_say_what_they_need_and_refuse_what_does_not_add_up():
    assert needs_noisy(Shares()) and takes_best(Shares()) and not takes_best(Shares(0.5, 0.0, 0.5))
    with pytest.raises(UserError, match=r"are 0 or more and sum to 1, not \(0.5, 0.42, 0.01\)"):
        Shares(curated=0.5)
    with pytest.raises(UserError, match=r"Shares.best is 0.42, and fold 1 has no such clips"):
        choose(Shares(), replace(MANY, best=ROWS(0)))


def test_a_class_of_clip_sets_makes_one():
    assert Stage("fit", WarmupCosine(1), data=Shares).data == Shares()


def test_before_a_selection_has_chosen_all_noisy_clips_may_be_best_ones():
    assert len(choose(Shares(), replace(MANY, best=MANY.noisy)))


class Numbers:
    """A source whose clips hold the number of their row."""

    window, keeps_order = 4, True

    def examples(self, rows, seed=None):
        rows = rows if seed is None else tf.random.experimental.stateless_shuffle(rows, seed)
        return tf.data.Dataset.from_tensor_slices((rows, tf.repeat(rows[:, None], 6, axis=1)))

    def to_input(self, windows):
        return windows


@pytest.mark.parametrize("shares", [(0.57, 0.42, 0.01), (0.2, 0.5, 0.3)])
@pytest.mark.parametrize("batch", [10, 64])
def test_each_batch_holds_the_shares_up_to_a_clip(shares, batch):
    rows = rows_of_epoch(choose(Shares(*shares), MANY), tf.constant([1, 0])).numpy()
    for begin in range(0, len(rows) - batch, batch):
        off = np.abs(sources_of(rows[begin : begin + batch]) - shares) * batch
        assert (off < [1.001, 1.5, 1.5]).all()  # three sources in turns are now and then a little beyond a clip


def test_a_source_that_has_an_order_of_its_own_shuffles_by_itself():
    class Streamed(Numbers):
        keeps_order = False

        def examples(self, rows, seed=None):
            assert seed is not None
            return super().examples(rows, seed)

    drawn, labels = in_shares([ROWS(10), ROWS(10, 40)], [0.5, 0.5]), np.eye(40, dtype=np.float32)
    assert len(list(training_batches(Streamed(), drawn, labels, 8, range(1), (7, 0)))) == 3
    for twice in (np.repeat(ROWS(10), 2), in_shares([ROWS(10), ROWS(9, 40)], [0.5, 0.5])):
        assert len(list(training_batches(Numbers(), twice, labels, 8, range(1), (7, 0)))) == 3
        with pytest.raises(UserError, match="has a clip twice"):
            training_batches(Streamed(), twice, labels, 8, range(1), (7, 0))


def test_batches_are_drawn_anew_and_the_same_for_one_seed():
    drawn, labels, seed = in_shares([ROWS(10), ROWS(10, 40)], [0.5, 0.5]), np.eye(40, dtype=np.float32), (7, 0)
    shown = [
        [batch[0][:, 0].numpy().tolist() for (batch,) in training_batches(Numbers(), drawn, labels, 8, epochs, seed)]
        for epochs in (range(1), range(1), range(1, 2))
    ]
    assert [len(batch) for batch in shown[0]] == [8, 8, 4] and shown[0] == shown[1] != shown[2]
    assert batch_rows(Numbers(), drawn, 8, 1, 2, seed).tolist() == shown[2][2]
    assert sorted(row for batch in shown[0] for row in batch if row < 10) == list(range(10))


def test_what_a_set_raises_is_a_line():
    with pytest.raises(UserError, match=r"The set of clips <lambda>: KeyError: .*test_clip_sets.py, line \d+\)$"):
        choose(lambda fold: fold.clips["nothing"], CLIPS)
