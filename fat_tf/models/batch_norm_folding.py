"""Batch normalisation as part of the convolution before it: the same values with one operation less at each."""

from collections import Counter
from collections.abc import Callable, Iterator

import keras
import numpy as np
from keras.layers import BatchNormalization, Conv2D, Layer

from fat_tf.layers import DenseConv2D


def fold_batch_norms(
    network: keras.Model, inputs: keras.KerasTensor | None = None, policy_of: Callable[[Layer], object] | None = None
) -> keras.Model:
    """A functional model anew, where each normalisation that follows a convolution is part of its kernel and bias.

    gamma (W x − mean) / sqrt(variance + epsilon) + beta is a convolution too. Normalisations that follow anything else,
    like those of the head, stay. So does a model that shows no graph, a subclassed one: it is taken as it is.

    Args:
        network: trained.
        inputs: to build it on, like those of another width.
        policy_of: dtype policy of each layer; None keeps them.
    """
    if not _has_graph(network):
        return network if inputs is None else keras.Model(inputs, network(inputs), name=network.name)
    if isinstance(network, keras.Sequential):
        network = keras.Model(network.inputs[0], network.outputs[0], name=network.name)
    norm_after = {convolution.name: norm for convolution, norm in _pairs(network)}
    folded_away = {norm.name for norm in norm_after.values()}
    models = {}  # inner ones, anew
    original_of = {}  # by id of the layer anew

    def anew(layer):
        if isinstance(layer, keras.Model) or not isinstance(layer, Layer):
            return layer
        biased = {"use_bias": True} if layer.name in norm_after else {}
        config = layer.get_config()  # of a person's own layer it may have less than Keras' do
        policy = {"dtype": policy_of(layer)} if policy_of and "dtype" in config else {}
        made = type(layer).from_config(config | biased | policy)
        original_of[id(made)] = layer
        return made

    def call(layer, *args, **kwargs):
        if layer.name in folded_away:
            return args[0]
        if isinstance(layer, keras.Model):
            if layer.name not in models:
                models[layer.name] = fold_batch_norms(layer, keras.tree.map_structure(_input_like, args[0]), policy_of)
            layer = models[layer.name]
        return layer(*args, **kwargs)

    folded = keras.models.clone_model(network, inputs, clone_function=anew, call_function=call)
    for layer in folded.layers:
        if layer.weights and not isinstance(layer, keras.Model):
            original, norm = original_of[id(layer)], norm_after.get(layer.name)
            layer.set_weights(_folded_weights(original, norm) if norm else original.get_weights())
    return folded


def _has_graph(model: keras.Model) -> bool:
    return bool(getattr(model, "inputs", None))


def _input_like(tensor: keras.KerasTensor) -> keras.KerasTensor:
    return keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype)


def _pairs(network: keras.Model) -> Iterator[tuple[Conv2D, BatchNormalization]]:
    """The normalisations that alone see a convolution's output, with it."""
    nodes = [node for nodes in network._nodes_by_depth.values() for node in nodes]
    maker = {id(tensor): node.operation for node in nodes for tensor in node.outputs}
    calls = Counter(id(node.operation) for node in nodes)
    seen = Counter(id(tensor) for tensors in [network.outputs, *(n.input_tensors for n in nodes)] for tensor in tensors)
    for node in nodes:
        if isinstance(node.operation, BatchNormalization):
            tensor = node.input_tensors[0]
            pair = maker[id(tensor)], node.operation
            if seen[id(tensor)] == 1 and all(calls[id(layer)] == 1 for layer in pair) and _is_linear(*pair):
                yield pair


def _is_linear(convolution: Layer, norm: BatchNormalization) -> bool:
    """Whether the two, one after the other, are a convolution.

    Layers made from Conv2D may do anything with its kernel, and of the other convolutions each has a layout of its own.
    """
    plain = type(convolution) in (Conv2D, DenseConv2D) and not convolution.lora_enabled
    channels = norm.axis in (-1, 3) and plain and convolution.data_format == "channels_last"
    return channels and convolution.activation is keras.activations.linear


def _folded_weights(convolution: Conv2D, norm: BatchNormalization) -> list[np.ndarray]:
    """[kernel, bias], computed in float64."""
    kernel, *bias = (weight.astype(np.float64) for weight in convolution.get_weights())
    mean, variance = (np.asarray(moving, np.float64) for moving in (norm.moving_mean, norm.moving_variance))
    gamma = np.asarray(norm.gamma, np.float64) if norm.scale else 1.0
    beta = np.asarray(norm.beta, np.float64) if norm.center else 0.0
    scale = gamma / np.sqrt(variance + norm.epsilon)
    return [kernel * scale, beta + (sum(bias) - mean) * scale]
