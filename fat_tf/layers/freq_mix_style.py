"""Freq-MixStyle: the colour of one recording, the sounds of another."""

import gin
import keras
from keras import ops

from fat_tf.layers.base import SMALLEST_ALPHA, RandomLayer

EPSILON = 1e-6  # of a variance


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class FreqMixStyle(RandomLayer):
    """Mixes mean and deviation of each mel row between clips: (x − μ) / σ·σ' + μ'; labels stay.

    μ and σ are of a row, over frames and channels; μ' = λ·μ + (1 − λ)·μ[permutation], σ' likewise, with a λ of each
    clip, λ ~ Beta(alpha, alpha). Freq-MixStyle of Schmid et al., "Knowledge Distillation from Transformers for
    Low-Complexity Acoustic Scene Classification", DCASE Workshop 2022 (https://github.com/CPJKU/cpjku_dcase22), after
    MixStyle, which mixes statistics of channels (Zhou et al., "Domain Generalization with MixStyle", 2021,
    https://arxiv.org/abs/2104.02008).

    Args:
        probability: of a batch to be changed, 0 to 1.
        alpha: of the Beta distribution, 0.05 or more.
        seed: of the draws.

    Call arguments:
        inputs: (batch, mels, frames, channels), normalised log-mels.
        training: without it nothing is changed.

    Returns:
        Pictures of the same shape and dtype.

    Raises:
        ValueError: a probability not from 0 to 1, a smaller alpha.
    """

    changes = "pictures"
    compiles = False  # XLA has no Beta distributions
    ARGUMENTS = ("probability", "alpha", "seed")

    def __init__(
        self,
        probability: float = 0.4,
        alpha: float = 0.4,
        seed: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(seed, name, dtype)
        if not 0 <= probability <= 1 or alpha < SMALLEST_ALPHA:
            raise ValueError(
                f"FreqMixStyle: probability of 0 to 1 and alpha of {SMALLEST_ALPHA} or more, not {probability}, {alpha}"
            )
        self.probability, self.alpha = probability, alpha

    def changed(self, inputs):
        x, batch = ops.cast(inputs, "float32"), ops.shape(inputs)[0]
        order = self.permutation(batch)
        share = keras.random.beta((batch, 1, 1, 1), self.alpha, self.alpha, "float32", self.seed_generator)
        is_changed = self.uniform(()) < self.probability
        mean = ops.mean(x, axis=(2, 3), keepdims=True)
        deviation = ops.sqrt(ops.var(x, axis=(2, 3), keepdims=True) + EPSILON)
        mixed = [share * own + (1 - share) * ops.take(own, order, axis=0) for own in (mean, deviation)]
        changed = (x - mean) / deviation * mixed[1] + mixed[0]
        return ops.cast(ops.where(is_changed, changed, x), inputs.dtype)
