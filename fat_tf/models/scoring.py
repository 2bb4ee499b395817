"""A trained network as it scores: in any precision, normalisations folded, for pictures of any width if it can."""

from collections.abc import Callable

import keras
import numpy as np

from fat_tf.errors import UserError
from fat_tf.models.batch_norm_folding import fold_batch_norms
from fat_tf.models.device import dtype_policy
from fat_tf.parts import told

Layer = keras.layers.Layer


def for_pictures(normalise: Layer, network: keras.Model, policy: str, shape: tuple[int, int, int]) -> keras.Model:
    """Normalisation and network anew under a dtype policy, for pictures in dB; scoring alone.

    Batch normalisations are part of the convolutions: a fifth faster in bfloat16, and nearer to float32. Networks that
    take one width alone, like those with a Flatten, get pictures of that width; `check_any_width` tells.

    Args:
        normalise, network: trained; the network may be functional, sequential or subclassed.
        policy: dtype policy of all layers but those that have one of their own. Logits in float32 stay so.
        shape: (mels, frames, channels) that it was trained on.
    """
    mels, _, channels = shape
    try:
        return _anew(normalise, network, policy, (mels, None, channels))
    except Exception:  # whatever a layer has against a width that is not known
        return _anew(normalise, network, policy, shape)


def check_any_width(network: keras.Model, frames: int) -> None:
    """Raise a UserError unless a network of `for_pictures`, trained on so many frames, takes pictures of any width."""
    mels, width, channels = network.input.shape[1:]
    normalise, inner = network.layers[-2:]
    try:
        if width is not None:
            _anew(normalise, inner, normalise.dtype_policy.name, (mels, None, channels))
        network(np.zeros((1, mels, 2 * frames + 1, channels), np.float32))
    except Exception as error:
        raise UserError(
            f"{network.name} takes pictures of {frames} frames alone, so neither whole clips nor a shared trunk can be "
            f"had of it; windows can. What is in the way: {told(error)}"
        ) from error


def last_layer(network: keras.Model) -> object | None:
    """What makes the output of a network, inside of models in it too; None where a subclassed one does not tell."""
    if not getattr(network, "inputs", None):
        return None
    made_by = network.outputs[0]._keras_history.operation
    return last_layer(made_by) or made_by if isinstance(made_by, keras.Model) else made_by


def embedding_of(network: keras.Model) -> keras.KerasTensor | None:
    """What the last layer of a network sees, (batch, features); None where there is no such thing."""
    if not getattr(network, "inputs", None):
        return None
    seen = network.outputs[0]._keras_history.operation._inbound_nodes[0].input_tensors
    is_vector = len(seen) == 1 and len(seen[0].shape) == 2 and seen[0].shape[1] is not None
    return seen[0] if is_vector else None


def _anew(normalise: Layer, network: keras.Model, policy: str, shape: tuple[int, int | None, int]) -> keras.Model:
    picture, inner = keras.Input(shape, name="picture"), keras.Input(shape, name="normalised")
    with dtype_policy(policy):
        if getattr(network, "inputs", None):
            again = fold_batch_norms(network, inner, _policies(normalise, network, policy))
        else:
            again = _copy(network, inner, normalise.dtype_policy.name, policy)
        normalise = type(normalise).from_config(normalise.get_config() | {"dtype": policy})
        return keras.Model(picture, again(normalise(picture)), name=network.name)


def _policies(normalise: Layer, network: keras.Model, policy: str) -> Callable[[Layer], object]:
    """The precision of each layer: the policy, unless it had another one than that of the training.

    Convolutions keep their weights in it too: cast at each call they would be the same, and slow a single clip down.
    """
    trained, last = normalise.dtype_policy.name, last_layer(network)

    def policy_of(layer):
        has_own = layer.dtype_policy.name not in (trained, trained.removeprefix("mixed_"))
        if has_own or (layer is last and layer.dtype_policy.name == "float32"):
            return layer.dtype_policy
        return policy.removeprefix("mixed_") if isinstance(layer, keras.layers.Conv2D) else policy

    return policy_of


def _copy(network: keras.Model, inputs: keras.KerasTensor, trained: str, policy: str) -> keras.Model:
    """A subclassed model anew: made under the global policy, its settings with the policy of the training replaced."""
    config = _replaced(keras.saving.serialize_keras_object(network), trained, policy)
    again = keras.saving.deserialize_keras_object(config)
    again(inputs)  # builds it
    again.set_weights(network.get_weights())
    return again


def _replaced(config: object, trained: str, policy: str) -> object:
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy" and config["config"]["name"] == trained:
            return config | {"config": {"name": policy}}
        return {key: _replaced(value, trained, policy) for key, value in config.items()}
    return [_replaced(value, trained, policy) for value in config] if isinstance(config, list) else config
