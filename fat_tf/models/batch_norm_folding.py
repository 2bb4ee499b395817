"""Batch normalisation as part of the convolution before it: the same values with one operation less at each."""

from collections.abc import Callable, Iterator

import keras
import numpy as np
from keras.layers import BatchNormalization, Conv2D, Layer


def fold_batch_norms(
    network: keras.Model, inputs: keras.KerasTensor | None = None, policy_of: Callable[[Layer], object] | None = None
) -> keras.Model:
    """A functional model anew, where each normalisation that follows a convolution is part of its kernel and bias.

    gamma (W x − mean) / sqrt(variance + epsilon) + beta is a convolution too. Normalisations that follow anything else,
    like those of the head, stay.

    Args:
        network: trained.
        inputs: to build it on, like those of another width.
        policy_of: dtype policy of each layer; None keeps them.
    """
    norm_after = {convolution.name: norm for convolution, norm in _pairs(network)}
    folded_away = {norm.name for norm in norm_after.values()}

    def anew(layer):
        biased = {"use_bias": True} if layer.name in norm_after else {}
        policy = {"dtype": policy_of(layer)} if policy_of else {}
        return type(layer).from_config(layer.get_config() | biased | policy)

    def call(layer, inputs, *args, **kwargs):
        return inputs if layer.name in folded_away else layer(inputs, *args, **kwargs)

    folded = keras.models.clone_model(network, inputs, clone_function=anew, call_function=call, recursive=True)
    originals = {layer.name: layer for layer in _layers(network)}
    for layer in (layer for layer in _layers(folded) if layer.weights):
        original, norm = originals[layer.name], norm_after.get(layer.name)
        layer.set_weights(_folded_weights(original, norm) if norm else original.get_weights())
    return folded


def _layers(model: keras.Model) -> list[Layer]:
    """Its layers, and those of the models in it."""
    inner = (_layers(layer) if isinstance(layer, keras.Model) else [layer] for layer in model.layers)
    return [layer for layers in inner for layer in layers]


def _pairs(network: keras.Model) -> Iterator[tuple[Conv2D, BatchNormalization]]:
    """The normalisations that alone see a convolution's output, with it."""
    for layer in _layers(network):
        if isinstance(layer, BatchNormalization):
            before = layer.input._keras_history.operation
            if isinstance(before, Conv2D) and len(before._outbound_nodes) == 1:
                yield before, layer


def _folded_weights(convolution: Conv2D, norm: BatchNormalization) -> list[np.ndarray]:
    """[kernel, bias], computed in float64."""
    kernel, *bias = (weight.astype(np.float64) for weight in convolution.get_weights())
    gamma, beta, mean, variance = (weight.astype(np.float64) for weight in norm.get_weights())
    scale = gamma / np.sqrt(variance + norm.epsilon)
    return [kernel * scale, beta + (sum(bias) - mean) * scale]
