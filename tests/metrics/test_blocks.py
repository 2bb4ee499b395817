"""Figures of many clips are made block by block: wherever blocks end, they are the same to the last bit."""

import numpy as np
import pytest

from fat_tf.metrics import accuracy_interval, blocks, bootstrap_interval, lwlrap, overall_lwlrap, paired_difference
from fat_tf.metrics.accuracy import confusion_matrix, has_wrong_top, wrong_top_classes
from fat_tf.metrics.lwlrap import class_precision, clip_precision, label_precision
from fat_tf.training.baseline import CHANCE_ROUNDS, chance_lwlraps


def figures(truth, scores) -> list:
    return [
        *lwlrap(truth, scores),
        label_precision(truth, scores),
        *clip_precision(truth, scores),
        np.concatenate(class_precision(truth, scores)),
        confusion_matrix(truth, scores),
        np.array(accuracy_interval(truth, scores)[1]),
        np.array(bootstrap_interval(truth, scores)),
        np.array(paired_difference(truth, scores, np.roll(scores, 1, axis=0))[1]),
    ]


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.float32])
def test_blocks_change_no_bit(monkeypatch, dtype):
    rng = np.random.default_rng(0)
    truth, scores = rng.random((300, 7)) < 0.3, np.round(rng.random((300, 7)), 2)  # with ties and background
    at_once = figures(truth, scores)
    monkeypatch.setattr(blocks, "CLIPS", 7)
    for expected, found in zip(at_once, figures(truth.astype(dtype), scores), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_sums_over_clips_and_classes_are_those_of_all_labels(monkeypatch):
    monkeypatch.setattr(blocks, "CLIPS", 11)
    rng = np.random.default_rng(1)
    truth, scores = rng.random((100, 5)) < 0.4, rng.random((100, 5))
    precision = label_precision(truth, scores)
    np.testing.assert_array_equal(clip_precision(truth, scores)[0], precision.sum(axis=1))
    np.testing.assert_array_equal(lwlrap(truth, scores)[0], precision.sum(axis=0) / truth.sum(axis=0))
    for k, of_class in enumerate(class_precision(truth, scores)):
        np.testing.assert_array_equal(of_class, precision[truth[:, k], k])
    np.testing.assert_array_equal(has_wrong_top(truth, scores), wrong_top_classes(truth, scores).any(axis=1))


def test_chance_draws_the_same_scores_block_by_block(monkeypatch):
    monkeypatch.setattr(blocks, "CLIPS", 7)
    truth, rng = np.random.default_rng(0).random((50, 4)) < 0.3, np.random.default_rng(5)
    assert chance_lwlraps(truth, 5) == [overall_lwlrap(truth, rng.random(truth.shape)) for _ in range(CHANCE_ROUNDS)]
