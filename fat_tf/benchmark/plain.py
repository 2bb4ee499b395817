"""The networks of Keras' own layers alone, as the first versions had them."""

import keras
from keras import layers

from fat_tf.layers import BatchNormalization, DenseConv2D

PLAIN = {BatchNormalization: layers.BatchNormalization, DenseConv2D: layers.Conv2D}


def plain_layers(network: keras.Model) -> keras.Model:
    """A functional model anew with Concatenate, Conv2D and Keras' normalisation; weights' names and shapes stay."""

    def anew(layer):
        return PLAIN.get(type(layer), type(layer)).from_config(layer.get_config())

    def call(layer, inputs, **_):
        together = isinstance(layer, layers.Conv2D) and isinstance(inputs, list)
        return layer(layers.Concatenate()(inputs) if together else inputs)

    return keras.models.clone_model(network, clone_function=anew, call_function=call)
