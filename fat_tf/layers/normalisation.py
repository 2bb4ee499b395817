"""Pictures to zero mean and unit deviation, as part of the model."""

import keras
from keras import ops

from fat_tf.layers.base import WeightlessLayer

SILENCE = 1e-3  # dB added to a deviation, so that a clip without any variation stays finite


@keras.saving.register_keras_serializable("fat_tf")
class Normalisation(WeightlessLayer):
    """(picture − mean) / deviation, with constants, or with each picture's own where none are given.

    Args:
        mean, deviation: dB, of the training set; None for both: of each picture over rows, columns, channels.

    Returns:
        Pictures of the same shape in the layer's compute dtype; computed in float32.

    Raises:
        ValueError: one of the two alone, or a deviation of 0 or less.
    """

    ARGUMENTS = ("mean", "deviation")

    def __init__(
        self,
        mean: float | None = None,
        deviation: float | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(name=name, dtype=dtype, autocast=False)
        if (mean is None) != (deviation is None) or (deviation is not None and deviation <= 0):
            raise ValueError(f"Normalisation: mean and deviation above 0, or neither, not {mean}, {deviation}")
        self.mean = mean
        self.deviation = deviation

    def call(self, inputs):
        inputs = ops.cast(inputs, "float32")
        if self.mean is not None:
            return ops.cast((inputs - self.mean) / self.deviation, self.compute_dtype)
        mean = ops.mean(inputs, axis=(1, 2, 3), keepdims=True)
        deviation = ops.std(inputs, axis=(1, 2, 3), keepdims=True)
        return ops.cast((inputs - mean) / (deviation + SILENCE), self.compute_dtype)
