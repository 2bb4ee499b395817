"""The mean of many dropouts."""

import keras
from keras import ops

from fat_tf.layers.base import WeightlessLayer


@keras.saving.register_keras_serializable("fat_tf")
class MultiSampleDropout(WeightlessLayer):
    """Multi-sample dropout (Inoue, 2019, https://arxiv.org/abs/1905.09788) before a linear layer.

    The mean of `samples` dropouts of the input, each scaled by 1 / (1 − rate). A Dense layer without activation
    gives the same after it as the mean of its outputs for the single dropouts, at the cost of one.

    Args:
        samples: dropouts.
        rate: share of the values that each sets to 0, from 0 to below 1.
        seed: int; the same seed gives the same sequence of draws.

    Raises:
        ValueError: a rate out of range, or no samples.
    """

    ARGUMENTS = ("samples", "rate", "seed")

    def __init__(
        self,
        samples: int = 16,
        rate: float = 0.1,
        seed: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(name=name, dtype=dtype)
        if not 0 <= rate < 1 or samples < 1:
            raise ValueError(f"MultiSampleDropout: 0 <= rate < 1 and samples >= 1, not {rate}, {samples}")
        self.samples = samples
        self.rate = rate
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs, training=None):
        if not training or self.rate == 0:
            return inputs
        draws = keras.random.uniform((self.samples, *ops.shape(inputs)), dtype="float32", seed=self.seed_generator)
        kept = ops.mean(ops.cast(draws >= self.rate, "float32"), axis=0) / (1 - self.rate)
        return inputs * ops.cast(kept, inputs.dtype)
