"""Lq loss: between cross-entropy, which believes every label, and the mean absolute error, which hardly minds one."""

from dataclasses import dataclass

import gin
from keras import ops

from fat_tf.errors import UserError


@gin.register
@dataclass(frozen=True)
class SummedLq:
    """Lq loss, summed over the classes: y·(1 − p^q)/q + (1 − y)·(1 − (1 − p)^q)/q each, with p = σ(s).

    Zhang and Sabuncu, "Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels", 2018,
    https://arxiv.org/abs/1805.07836, eq. 6, there of a softmax's probabilities.

    Args:
        q: above 0 (in its limit cross-entropy) and up to 1 (absolute error).

    Call arguments:
        labels, logits: (batch, classes) float32, labels from 0 to 1.

    Returns:
        (batch,) float32, the cost of each clip.

    Raises:
        UserError: another q.
    """

    q: float = 0.7

    def __post_init__(self):
        if not 0 < self.q <= 1:
            raise UserError(f"SummedLq.q is above 0 and up to 1, not {self.q}")

    def __call__(self, labels, logits):
        of_label, of_other = (1 - ops.exp(self.q * ops.log_sigmoid(s)) for s in (logits, -logits))
        return ops.sum(labels * of_label + (1 - labels) * of_other, axis=-1) / self.q
