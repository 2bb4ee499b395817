"""What the layers of this package share."""

import keras
from keras import ops

SMALLEST_ALPHA = 0.05  # of Beta distributions: 18 % of the draws for 0.01 are 0.5, as both gamma variates underflow


class WeightlessLayer(keras.layers.Layer):
    """A layer without weights whose output has its input's shape; its configuration is its arguments."""

    ARGUMENTS: tuple[str, ...] = ()

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        config = super().get_config()
        kept = {name: config[name] for name in ("name", "dtype")}
        return kept | {name: getattr(self, name) for name in self.ARGUMENTS}


class RandomLayer(WeightlessLayer):
    """A layer that changes its inputs at random while training, and gives them back unchanged otherwise.

    Args:
        seed: int; the same seed gives the same sequence of draws.
    """

    def __init__(self, seed: int | None, name: str | None, dtype: str | None, autocast: bool = True):
        super().__init__(name=name, dtype=dtype, autocast=autocast)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, inputs, training=None):
        return self.changed(inputs) if training else inputs

    def changed(self, inputs):
        """What training sees."""
        raise NotImplementedError

    def uniform(self, shape: tuple, low: float = 0.0, high: float = 1.0):
        """float32 of U(low, high)."""
        return keras.random.uniform(shape, low, high, "float32", self.seed_generator)

    def permutation(self, size: int):
        """The numbers below `size` in random order."""
        return keras.random.shuffle(ops.arange(size), seed=self.seed_generator)
