"""Kinds of doubt, and ways of ranking, on scores that anyone can judge."""

import numpy as np
import pytest

from fat_tf.errors import UserError
from fat_tf.evaluation.label_audit import LabelAudit
from fat_tf.training.losses import cross_entropy_of_scores

CLIPS = {  # labels and scores of three classes; the typical score of each class is 0.6
    "fine": ([1, 0, 0], [0.9, 0.1, 0.1]),
    "wrong": ([1, 0, 0], [0.3, 0.8, 0.0]),
    "missing": ([0, 1, 0], [0.7, 0.9, 0.2]),
    "none": ([0, 1, 0], [0.2, 0.2, 0.3]),
    "weak, but ahead of all else": ([0, 1, 0], [0.1, 0.7, 0.3]),
    "background": ([0, 0, 0], [0.1, 0.2, 0.1]),
    "heard in the background": ([0, 0, 0], [0.1, 0.2, 0.9]),
    "c": ([0, 0, 1], [0.1, 0.2, 0.6]),
}
TARGETS, SCORES = (np.array(values) for values in zip(*CLIPS.values(), strict=True))


def test_each_kind_of_doubt():
    doubts = LabelAudit().doubts(TARGETS, SCORES)
    kinds = dict(zip(CLIPS, doubts.kinds, strict=True))
    assert kinds == {name: name for name in ("fine", "wrong", "missing", "none")} | {
        "weak, but ahead of all else": "fine",
        "background": "fine",
        "heard in the background": "missing",
        "c": "fine",
    }
    np.testing.assert_array_equal(doubts.heard[1], [False, True, False])


def test_the_margin_ranks_by_how_far_another_class_is_ahead():
    quality = LabelAudit().quality(TARGETS, SCORES)
    np.testing.assert_allclose(quality[:4], [0.9, 0.25, 0.6, 0.45])
    np.testing.assert_allclose(quality[5:7], [0.9, 0.55])


def test_the_loss_ranks_as_the_selection_of_noisy_clips():
    quality = LabelAudit(way="loss").quality(TARGETS, SCORES)
    np.testing.assert_array_equal(np.argsort(-quality), np.argsort(cross_entropy_of_scores(SCORES, TARGETS)))


def test_all_labels_and_none_have_a_margin():
    quality = LabelAudit().quality(np.array([[1, 1], [0, 0]]), np.array([[0.9, 0.4], [0.9, 0.4]]))
    np.testing.assert_allclose(quality, [0.7, 0.55])


@pytest.mark.parametrize("wrong", [{"way": "mean"}, {"alpha": 0.0}, {"ridge": 0.0}, {"heard": -1.0}])
def test_values_that_make_no_sense_are_refused(wrong):
    with pytest.raises(UserError, match=f"LabelAudit.*{next(iter(wrong))}"):
        LabelAudit(**wrong)
