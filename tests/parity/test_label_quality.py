"""Qualities of labels against cleanlab, and scores of others against scikit-learn, clip by clip."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import LeaveOneOut, cross_val_predict

from fat_tf.evaluation.label_quality import margin, moving_average, typical_scores, worst_class
from fat_tf.evaluation.left_out import scores_of_others

GOLDENS = np.load(Path(__file__).parent / "goldens" / "label_quality.npz")
TARGETS, SCORES = GOLDENS["targets"], GOLDENS["scores"]


@pytest.mark.parametrize("alpha", [0.8, 0.5])
def test_moving_average(alpha):
    golden = GOLDENS[f"moving_average_{alpha * 100:.0f}"]
    np.testing.assert_allclose(moving_average(TARGETS, SCORES, alpha), golden, rtol=1e-12)


def test_worst_class_and_typical_scores():
    np.testing.assert_allclose(worst_class(TARGETS, SCORES), GOLDENS["worst_class"], rtol=1e-12)
    np.testing.assert_allclose(typical_scores(TARGETS, SCORES), GOLDENS["typical_scores"], rtol=1e-12)


def test_margin_of_one_label_is_the_normalised_margin():
    one = np.eye(SCORES.shape[1])[GOLDENS["one_label"]]
    np.testing.assert_allclose(margin(one, SCORES), GOLDENS["margin_of_one_label"], rtol=1e-12)


@pytest.mark.parametrize("clips, values", [(30, 4), (12, 40)])
def test_a_clip_that_is_left_out_in_closed_form_is_as_if_it_had_not_been_there(clips, values):
    rng = np.random.default_rng(0)
    features = rng.standard_normal((clips, values)) * rng.uniform(0.1, 10, values)
    features[:, 0] = 3.0  # says nothing
    targets = (rng.random((clips, 3)) < 0.4).astype(np.float32)
    spread = features.std(axis=0)
    x = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1)
    left_out = cross_val_predict(Ridge(0.1 * clips), x, targets, cv=LeaveOneOut())
    np.testing.assert_allclose(scores_of_others(features, targets, 0.1), np.clip(left_out, 0, 1), atol=1e-8)


def test_a_clip_alone_has_its_own_labels():
    np.testing.assert_array_equal(scores_of_others(np.ones((1, 2)), np.array([[1.0, 0.0]]), 0.1), [[1, 0]])
