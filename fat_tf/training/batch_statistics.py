"""Moving statistics of batch normalisation for weights that no step has left behind, such as averaged ones."""

from collections.abc import Iterable

import keras

ENOUGH = 32  # batches


def renew_statistics(network: keras.Model, model: keras.Model, batches: Iterable) -> None:
    """Set the moving statistics of a network's batch normalisation to their mean over batches of what a model takes.

    The draws of training are not touched: what is drawn here is put back.
    """
    layers = [layer for layer in network._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)]
    weights = {id(weight) for weight in model.weights}
    seeds = [(variable, variable.numpy()) for variable in model.variables if id(variable) not in weights]
    momenta = [layer.momentum for layer in layers]
    try:
        for number, batch in enumerate(batches):
            for layer in layers:
                layer.momentum = number / (number + 1)
            model(batch, training=True)
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
        for seed, value in seeds:
            seed.assign(value)
