"""What the layers of this package share."""

import keras


class WeightlessLayer(keras.layers.Layer):
    """A layer without weights whose output has its input's shape; its configuration is its arguments."""

    ARGUMENTS: tuple[str, ...] = ()

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        config = super().get_config()
        kept = {name: config[name] for name in ("name", "dtype")}
        return kept | {name: getattr(self, name) for name in self.ARGUMENTS}
