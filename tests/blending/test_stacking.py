"""Stacking against scikit-learn, and where it helps."""

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import StandardScaler

from fat_tf.blending.cross_validation import CrossValidation
from fat_tf.blending.stacking import Stack
from fat_tf.errors import UserError
from fat_tf.metrics import overall_lwlrap


def _members(clips: int = 300, classes: int = 6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """(members, truth): three members, each of them good at its own two classes."""
    rng = np.random.default_rng(seed)
    truth = np.eye(classes, dtype=bool)[rng.integers(0, classes, clips)]
    noise = np.where(np.arange(classes) // 2 == np.arange(3)[:, None], 0.2, 1.5)
    return expit(2 * (truth + noise[:, None] * rng.standard_normal((3, clips, classes))) - 1), truth


def test_equals_scikit_learns_one_against_the_rest():
    members, truth = _members()
    probabilities = Stack(inverse_regularisation=0.5).fit(members, truth)(members)
    for k in range(6):
        features = StandardScaler().fit_transform(logit(members[:, :, k]).T)
        reference = OneVsRestClassifier(LogisticRegression(C=0.5, tol=1e-8)).fit(features, truth[:, k].astype(int))
        np.testing.assert_allclose(probabilities[:, k], reference.predict_proba(features)[:, 1], atol=1e-4)


def test_gains_where_members_are_good_at_different_classes():
    members, truth = _members()
    plain = overall_lwlrap(truth, members.mean(axis=0))
    assert overall_lwlrap(truth, CrossValidation().scores(Stack(), members, truth)) > plain + 0.1


def test_what_is_fitted_is_applied_to_other_clips():
    stack = Stack().fit(*_members(seed=0))
    members, truth = _members(seed=1)
    assert overall_lwlrap(truth, stack(members)) > overall_lwlrap(truth, members.mean(axis=0)) + 0.1
    np.testing.assert_allclose(stack(members[:, :7]), stack(members)[:7])  # whatever other clips are scored with them


@pytest.mark.parametrize("has", [False, True])
def test_class_that_no_clip_or_each_clip_has_gets_the_members_mean_logit(has):
    members, truth = _members()
    truth[:, 3] = has
    expected = expit(logit(members[..., 3]).mean(axis=0))
    np.testing.assert_allclose(Stack().fit(members, truth)(members)[:, 3], expected)


def test_scores_of_0_and_1_are_taken():
    members, truth = _members()
    assert np.isfinite(Stack().fit(members.round(), truth)(members.round())).all()


def test_order_of_members_changes_nothing():
    members, truth = _members()
    swapped = members[[2, 0, 1]]
    np.testing.assert_allclose(Stack().fit(swapped, truth)(swapped), Stack().fit(members, truth)(members), rtol=1e-6)


def test_what_is_no_probability_is_refused():
    members, truth = _members()
    members[1] *= 3
    with pytest.raises(UserError, match="stack needs probabilities, and file 2 has scores from"):
        Stack().fit(members, truth)
    with pytest.raises(UserError, match="inverse_regularisation must be above 0"):
        Stack(inverse_regularisation=0)
