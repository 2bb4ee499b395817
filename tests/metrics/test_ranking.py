"""Average precision and ROC-AUC equal scikit-learn's, ties included."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from fat_tf.metrics.ranking import average_precision, roc_auc


@pytest.mark.parametrize("levels", [2, 5, 10**6])  # different scores: few of them tie often
@pytest.mark.parametrize("clips", [2, 7, 300])
def test_they_equal_scikit_learn(levels, clips):
    rng = np.random.default_rng(levels + clips)
    for _ in range(20):
        truth = rng.random(clips) < 0.3
        truth[:2] = True, False
        scores = rng.integers(0, levels, clips) / levels
        assert average_precision(truth, scores) == pytest.approx(average_precision_score(truth, scores), abs=1e-12)
        assert roc_auc(truth, scores) == pytest.approx(roc_auc_score(truth, scores), abs=1e-12)


def test_a_class_that_all_clips_have():
    assert average_precision(np.ones(3), np.arange(3.0)) == 1
