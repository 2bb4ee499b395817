"""A recipe as data: what it says, however it was made, for the manifest of a run."""

import functools
import hashlib
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

import keras
import numpy as np

from fat_tf import config
from fat_tf.runs.recipe_changes import CLASS
from fat_tf.training.recipe import Recipe
from fat_tf.training.stage import unrolled

FREE = {
    "model": "told by the network that it builds",
    "folds": "each call may train others",
    "baseline": "a figure beside those of the run",
    "unreadable": "the clips themselves are compared",
    "board": "what is looked at, not what is trained",
    "profile": "the same",
    "distribution": "how it is computed, not what",
}
SETTINGS_OF_KERAS = ("name", "dtype", "trainable")  # of any layer; names are counted up, dtypes follow the precision


def recipe_data(recipe: Recipe, network: keras.Model | None) -> dict[str, object]:
    """All that a recipe says of what is trained, as JSON has it.

    Callables are told by what they make. A precision "auto", and XLA where it is left open, are told as what they are
    here, the stages one by one.

    Args:
        recipe: the run's.
        network: what its model makes; None leaves the model out.
    """
    with config.as_config_errors():
        told = {field.name: getattr(recipe, field.name) for field in fields(recipe) if field.name not in FREE}
        told |= {"precision": recipe.policy, "jit_compile": recipe.uses_xla}
        told |= {"stages": unrolled(recipe.stages)}
        data = {CLASS: "Recipe", **({"model": network_data(network)} if network else {}), **as_data(told)}
    return json.loads(json.dumps(data))


def network_data(network: keras.Model) -> dict[str, object]:
    """Name, size, and a hash of what each layer is: class, settings, shapes of its weights."""
    layers = [[as_data(layer), [list(weight.shape) for weight in layer.weights]] for layer in _layers(network)]
    hashed = hashlib.sha256(json.dumps(layers, sort_keys=True).encode()).hexdigest()
    return {CLASS: network.name, "parameters": network.count_params(), "layers": hashed[:16]}


def _layers(network: keras.Model) -> Iterator[keras.layers.Layer]:
    """All layers, those of models inside of it too."""
    for layer in network.layers:
        yield from _layers(layer) if isinstance(layer, keras.Model) else [layer]


def as_data(value: object) -> object:
    """A value as JSON can hold it: objects as dictionaries with their class and settings."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): as_data(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [as_data(one) for one in value]
    return _object_data(value)


def _object_data(value: object) -> object:
    if isinstance(value, type | functools.partial) or inspect.isroutine(value):
        return _what_it_makes(value)
    if is_dataclass(value):
        return {CLASS: type(value).__name__} | {f.name: as_data(getattr(value, f.name)) for f in fields(value)}
    return {CLASS: type(value).__name__, **_settings(value)}


def _what_it_makes(maker: Callable) -> object:
    """Data of the layer or optimiser that a class or function makes; of another function its name and settings."""
    try:
        made = maker()
    except TypeError:  # it wants arguments, like a loss
        made = None
    if (isinstance(maker, type) and made is not None) or hasattr(made, "get_config") or is_dataclass(made):
        return _object_data(made)
    if isinstance(maker, functools.partial):
        return {CLASS: maker.func.__qualname__, **as_data(maker.keywords)}
    return {CLASS: maker.__qualname__, **as_data(config.bound_to(maker))}


def _settings(value: object) -> dict[str, object]:
    """What a layer, optimiser or initialiser of Keras says of itself, or the attributes of another object."""
    try:
        settings = value.get_config()
    except NotImplementedError:  # a layer of a person's own that does not tell
        return {}
    except AttributeError:
        settings = {name: as_data(one) for name, one in vars(value).items() if not name.startswith("_")}
    return {key: _inner(setting) for key, setting in settings.items() if key not in SETTINGS_OF_KERAS}


def _inner(setting: object) -> object:
    if isinstance(setting, Mapping) and {"class_name", "config"} <= setting.keys():  # as Keras serialises an object
        return {CLASS: setting["class_name"], **_inner(setting["config"])}
    if isinstance(setting, Mapping):
        return {key: _inner(one) for key, one in setting.items() if key not in SETTINGS_OF_KERAS}
    return as_data(setting)
