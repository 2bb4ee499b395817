"""What a clip's logits cost, given its labels."""

from collections.abc import Callable
from typing import Any

import gin
import keras
import numpy as np
from keras import ops

from fat_tf.errors import UserError
from fat_tf.parts import made

Loss = Callable[..., Any]  # (labels, logits), (batch, classes) float32 each, to the cost (batch,) of each clip
SMALLEST = 1e-15  # of a probability under a logarithm


@gin.register
class SummedCrossEntropy:
    """Binary cross-entropy of each clip, summed over the classes: what the L2 term and the clip of CoupledAdam expect.

    Call arguments:
        labels: (batch, classes) float32, from 0 to 1.
        logits: (batch, classes) float32.

    Returns:
        (batch,) float32.
    """

    def __call__(self, labels, logits):
        return ops.sum(ops.relu(logits) - logits * labels + ops.softplus(-ops.abs(logits)), axis=-1)


def cross_entropy_of_scores(scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The same (clips,) of probabilities (clips, classes), which were averaged, so that there are no logits of them."""
    right = np.where(targets > 0, scores, 1 - scores)
    return -np.log(np.maximum(right, SMALLEST)).sum(axis=1)


def loss_of_clips(loss: Loss | type) -> Loss:
    """What a recipe names, made if it is a class; of a loss of Keras' what it computes before the mean over the batch.

    Raises:
        UserError: a loss of Keras' that expects probabilities.
    """
    loss = made(loss)
    if not isinstance(loss, keras.losses.Loss):
        return loss
    name = type(loss).__name__
    if not loss.get_config().get("from_logits", True):
        raise UserError(f"Recipe.loss: models give logits, {name} takes probabilities: bind {name}.from_logits = True")
    return loss.call
