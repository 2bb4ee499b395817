"""Where a row lies, as a channel of the picture."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("fat_tf")
class FrequencyRamp(keras.layers.Layer):
    """A last channel that rises from -1 in the lowest row to 1 in the highest (CoordConv, https://arxiv.org/abs/1807.03247).

    Convolutions are the same at all frequencies; with it they can tell low from high.

    Input (batch, rows, columns, channels); output (batch, rows, columns, channels + 1).
    """

    def call(self, inputs):
        rows = ops.linspace(-1.0, 1.0, inputs.shape[1])
        ramp = ops.cast(rows, inputs.dtype)[None, :, None, None]
        return ops.concatenate([inputs, ramp + ops.zeros_like(inputs[..., :1])], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + 1)
