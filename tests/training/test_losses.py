"""The cost of a clip, by the package, by Keras and of one's own."""

import keras
import numpy as np
import pytest

from fat_tf.errors import UserError
from fat_tf.training.losses import SummedCrossEntropy, cross_entropy_of_scores, loss_of_clips

LABELS = np.array([[1, 0, 1], [0, 0, 0.3]], np.float32)
LOGITS = np.array([[2, -1, 50], [0, -80, 1]], np.float32)


def by_hand():
    share = 1 / (1 + np.exp(-LOGITS.astype(np.float64)))
    with np.errstate(divide="ignore"):
        return -(LABELS * np.log(share) + (1 - LABELS) * np.where(LABELS == 1, 0, np.log1p(-share))).sum(axis=1)


def test_cross_entropy_is_summed_over_the_classes():
    np.testing.assert_allclose(loss_of_clips(SummedCrossEntropy)(LABELS, LOGITS), by_hand(), rtol=1e-5)


def test_the_cross_entropy_of_scores_is_that_of_their_logits():
    hard, logits = np.round(LABELS), np.clip(LOGITS, -20, 20)
    scores = 1 / (1 + np.exp(-logits.astype(np.float64)))
    np.testing.assert_allclose(cross_entropy_of_scores(scores, hard), SummedCrossEntropy()(hard, logits), rtol=1e-5)


def test_a_loss_of_keras_is_taken_clip_by_clip():
    keras_own = keras.losses.BinaryCrossentropy(from_logits=True)
    np.testing.assert_allclose(loss_of_clips(keras_own)(LABELS, LOGITS), by_hand() / 3, rtol=1e-5)
    with pytest.raises(UserError, match=r"BinaryCrossentropy takes probabilities: bind .*from_logits = True"):
        loss_of_clips(keras.losses.BinaryCrossentropy)
