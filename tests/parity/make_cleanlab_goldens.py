"""Writes the goldens of label quality: `pip install cleanlab`, then `python tests/parity/make_cleanlab_goldens.py`.

cleanlab is the code of the papers that `fat_tf/evaluation/label_quality.py` follows.
"""

from pathlib import Path

import numpy as np
from cleanlab.count import get_confident_thresholds
from cleanlab.internal.multilabel_scorer import Aggregator, ClassLabelScorer, MultilabelScorer
from cleanlab.internal.multilabel_utils import stack_complement
from cleanlab.multilabel_classification import get_label_quality_scores
from cleanlab.rank import get_normalized_margin_for_each_label

CLIPS, CLASSES = 40, 6

rng = np.random.default_rng(0)
scores = rng.random((CLIPS, CLASSES)).round(3)
targets = (rng.random((CLIPS, CLASSES)) < 0.3).astype(int)
labels = [np.flatnonzero(clip).tolist() for clip in targets]
one_label = rng.integers(0, CLASSES, CLIPS)


def moving_average(alpha: float) -> np.ndarray:
    how = {"method": "exponential_moving_average", "alpha": alpha}
    return get_label_quality_scores(labels, scores, method="self_confidence", aggregator_kwargs=how)


def threshold(k: int) -> float:
    return get_confident_thresholds(targets[:, k], stack_complement(scores[:, k]))[1]


worst = MultilabelScorer(ClassLabelScorer.SELF_CONFIDENCE, Aggregator(np.min))
np.savez_compressed(
    Path(__file__).parent / "goldens" / "label_quality.npz",
    scores=scores,
    targets=targets,
    moving_average_80=moving_average(0.8),
    moving_average_50=moving_average(0.5),
    worst_class=worst(targets, scores),
    typical_scores=np.array([threshold(k) for k in range(CLASSES)]),
    one_label=one_label,
    margin_of_one_label=get_normalized_margin_for_each_label(one_label, scores),
)
