"""Soft bootstrapping: noisy labels are believed in part, and the model itself for the rest."""

from dataclasses import dataclass

import gin
from keras import ops

from fat_tf.errors import UserError
from fat_tf.training.losses.cross_entropy import cross_entropy


@gin.register
@dataclass(frozen=True)
class SoftBootstrapping:
    """Summed cross-entropy against β·y + (1 − β)·σ(s) of noisy clips, against y of the others.

    No gradient passes through the target. What MixUp mixes of noisy and other clips is treated as noisy in that share.
    Reed et al., "Training Deep Neural Networks on Noisy Labels with Bootstrapping", 2015,
    https://arxiv.org/abs/1412.6596, there of a softmax; of sigmoids, with β of 0.7, by the 1st place of FSDKaggle2019
    (https://github.com/lRomul/argus-freesound).

    Args:
        beta: from 0 to 1, how far the labels of noisy clips are believed.

    Call arguments:
        labels, logits: (batch, classes) float32, labels from 0 to 1.
        noisy: (batch,) float32, share of each clip that is noisy.

    Returns:
        (batch,) float32, the cost of each clip.

    Raises:
        UserError: a beta not from 0 to 1.
    """

    needs_noisy = True

    beta: float = 0.7

    def __post_init__(self):
        if not 0 <= self.beta <= 1:
            raise UserError(f"SoftBootstrapping.beta is from 0 to 1, not {self.beta}")

    def __call__(self, labels, logits, noisy):
        own = ((1 - self.beta) * noisy)[:, None]
        target = (1 - own) * labels + own * ops.stop_gradient(ops.sigmoid(logits))
        return ops.sum(cross_entropy(target, logits), axis=-1)
