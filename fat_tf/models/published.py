"""Networks that Keras has, with the batch normalisation of this package."""

from collections.abc import Callable

import keras

from fat_tf.layers import BatchNormalization


def adapted(
    published: keras.Model, change: Callable[[keras.layers.Layer, dict], dict] = lambda layer, config: config
) -> keras.Model:
    """A network of Keras' with fresh weights.

    Args:
        published: as Keras builds it.
        change: gives the configuration of a layer from the layer and its published one.
    """

    def clone(layer):
        config = change(layer, layer.get_config())
        if isinstance(layer, keras.layers.BatchNormalization):
            # The momentum of all models here: Keras' 0.99 is slow for thousands of clips.
            return BatchNormalization.from_config(config | {"momentum": 0.9, "synchronized": True})
        return type(layer).from_config(config)

    return keras.models.clone_model(published, clone_function=clone)
