"""Global average and global maximum, side by side."""

import gin
import keras


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class ConcatPooling2D(keras.layers.Layer):
    """Global average pooling ++ global maximum pooling over both picture axes; no weights.

    Input (batch, rows, columns, channels); output (batch, 2 * channels), averages first.
    """

    def call(self, inputs):
        averages = keras.ops.mean(inputs, axis=(1, 2))
        return keras.ops.concatenate([averages, keras.ops.max(inputs, axis=(1, 2))], axis=-1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 2 * input_shape[-1])
