"""Focal loss: what is right already costs little."""

from dataclasses import dataclass

import gin
from keras import ops

from fat_tf.errors import UserError
from fat_tf.training.losses.cross_entropy import cross_entropy

SURE = 1e-7  # the gradient of a power below 1 has no value at 0


@gin.register
@dataclass(frozen=True)
class SigmoidFocal:
    """Focal loss, summed over the classes: (1 − p_t)^gamma · BCE each, with p_t = y·σ(s) + (1 − y)·(1 − σ(s)).

    Lin et al., "Focal Loss for Dense Object Detection", 2017, https://arxiv.org/abs/1708.02002, eq. 4.

    Args:
        gamma: 0 or more; 0 gives cross-entropy.

    Call arguments:
        labels, logits: (batch, classes) float32, labels from 0 to 1.

    Returns:
        (batch,) float32, the cost of each clip.

    Raises:
        UserError: gamma below 0.
    """

    gamma: float = 2.0

    def __post_init__(self):
        if self.gamma < 0:
            raise UserError(f"SigmoidFocal.gamma is 0 or more, not {self.gamma}")

    def __call__(self, labels, logits):
        p = ops.sigmoid(logits)
        wrong = labels * (1 - p) + (1 - labels) * p
        wrong = ops.maximum(wrong, SURE)
        return ops.sum(ops.power(wrong, self.gamma) * cross_entropy(labels, logits), axis=-1)
