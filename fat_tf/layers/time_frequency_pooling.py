"""Maximum over time, then mean over frequency."""

import gin
import keras
from keras import ops


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class TimeMaxFrequencyMean(keras.layers.Layer):
    """The highest value over time of each row, averaged over the rows; no weights.

    A sound may be short, but has more than one frequency. As the mean over frequency and maximum over time of PANNs
    (Kong et al., 2020, https://arxiv.org/abs/1912.10211, section III), in the other order.

    Input (batch, rows, columns, channels), columns are time; output (batch, channels).
    """

    def call(self, inputs):
        return ops.mean(ops.max(inputs, axis=2), axis=1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[-1])
