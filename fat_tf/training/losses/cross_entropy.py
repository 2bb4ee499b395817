"""Binary cross-entropy of logits: the loss of the paper."""

import gin
import numpy as np
from keras import ops

SMALLEST = 1e-15  # of a probability under a logarithm


def cross_entropy(labels, logits):
    """−y·log σ(s) − (1 − y)·log(1 − σ(s)) of each class, without overflow; all (batch, classes) float32."""
    return ops.relu(logits) - logits * labels + ops.softplus(-ops.abs(logits))


@gin.register
class SummedCrossEntropy:
    """Binary cross-entropy of each clip, summed over the classes: what the L2 term and the clip of CoupledAdam expect.

    Call arguments:
        labels: (batch, classes) float32, from 0 to 1.
        logits: (batch, classes) float32.

    Returns:
        (batch,) float32, the cost of each clip.
    """

    def __call__(self, labels, logits):
        return ops.sum(cross_entropy(labels, logits), axis=-1)


def cross_entropy_of_scores(scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The same (clips,) of probabilities (clips, classes), which were averaged, so that there are no logits of them."""
    right = np.where(targets > 0, scores, 1 - scores)
    return -np.log(np.maximum(right, SMALLEST)).sum(axis=1)
