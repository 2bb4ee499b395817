"""The convolution of a dense block."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("fat_tf")
class DenseConv2D(keras.layers.Conv2D):
    """keras.layers.Conv2D of two pictures as of their concatenation (Huang et al., 2017), which is never written.

    conv([x, y], K) = conv(x, K[:, :, :n]) + conv(y, K[:, :, n:]) where x has n channels. Arguments, weights and start
    values are those of the Conv2D after a Concatenate.

    Call arguments:
        inputs: [x, y], (batch, rows, columns, channels) each; their channels may differ.

    Raises:
        ValueError: groups, or channels first.
    """

    def __init__(self, filters, kernel_size, **kwargs):
        super().__init__(filters, kernel_size, **kwargs)
        if self.groups != 1 or self.data_format != "channels_last":
            raise ValueError(f"DenseConv2D: no groups, channels last, not {self.groups}, {self.data_format}")
        self.input_spec = None

    def build(self, input_shape):
        super().build(_concatenated(input_shape))
        self.input_spec = [keras.layers.InputSpec(ndim=4, axes={-1: shape[-1]}) for shape in input_shape]

    def convolution_op(self, inputs, kernel):
        x, y = inputs
        of_x, of_y = ops.split(ops.convert_to_tensor(kernel), [x.shape[-1]], axis=2)
        return super().convolution_op(x, of_x) + super().convolution_op(y, of_y)

    def compute_output_shape(self, input_shape):
        return super().compute_output_shape(_concatenated(input_shape))


def _concatenated(shapes):
    """Shape of two pictures side by side; of one shape, itself."""
    if not isinstance(shapes[0], (list, tuple)):
        return shapes
    first, second = shapes
    return (*first[:-1], first[-1] + second[-1])
