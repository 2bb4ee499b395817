"""The models of a fold: those that are trained, the one that scores, the one that is saved."""

from dataclasses import dataclass

import keras

from fat_tf.errors import UserError
from fat_tf.layers import Normalisation
from fat_tf.models.device import dtype_policy
from fat_tf.parts import blamed, name_of
from fat_tf.training.distribution import scope_of
from fat_tf.training.fold_data import FoldData, fold_seed
from fat_tf.training.recipe import Recipe
from fat_tf.training.run_data import RunData


@dataclass(frozen=True)
class Networks:
    """Views of the same weights.

    network: picture, normalised, to logits. normalise: the layer before it.
    scoring: input to logits; the input is what training takes, pictures or waveforms.
    saved: waveform (batch, window samples) to logits, front end and normalisation inside.
    """

    network: keras.Model
    normalise: Normalisation
    scoring: keras.Model
    saved: keras.Model


def build_networks(recipe: Recipe, num_classes: int, statistics: tuple[float, float] | None) -> Networks:
    """Build a fold's models from fresh weights.

    Args:
        recipe: the run's.
        num_classes: logits.
        statistics: (mean, deviation) in dB for the normalisation, or None for each picture's own.
    """
    with scope_of(recipe.distribution):
        front_end = recipe.front_end.fresh()
        network = build_network(recipe, num_classes)
        normalise = Normalisation(*(statistics or (None, None)), name="normalisation")
        waveform = keras.Input((front_end.window_samples,), name="waveform")
        saved = keras.Model(waveform, network(normalise(front_end(waveform))), name=network.name)
        inputs = keras.Input(recipe.input_shape, name="clips")
        pictures = inputs if recipe.takes_pictures else front_end(inputs)
        return Networks(network, normalise, keras.Model(inputs, network(normalise(pictures)), name="scoring"), saved)


def build_network(recipe: Recipe, num_classes: int) -> keras.Model:
    """The recipe's model with fresh weights: normalised picture to logits.

    Raises:
        UserError: whatever it raises; it is no Keras model, or has another number of logits.
    """
    what, shape = f"Recipe.model {name_of(recipe.model)}", recipe.front_end.picture_shape
    with blamed(what):
        network = recipe.model(num_classes=num_classes, input_shape=shape)
        logits = network(keras.Input(shape)).shape if isinstance(network, keras.Model) else type(network).__name__
    if logits != (None, num_classes):
        raise UserError(f"{what} gives {logits}: expected is a keras.Model with logits (None, {num_classes})")
    return network


def with_noisy_head(network: keras.Model) -> keras.Model:
    """A network with a second output: logits by a last layer of the noisy clips' own, with fresh weights.

    Raises:
        UserError: its last layer is not a Dense one.
    """
    last = network.layers[-1]
    if not isinstance(last, keras.layers.Dense) or not getattr(network, "outputs", None):
        raise UserError(f"Stage.noisy_head wants a functional model that ends in Dense; {network.name} is none")
    second = type(last).from_config({**last.get_config(), "name": "noisy_logits"})
    return keras.Model(network.inputs, [network.outputs[0], second(last.input)], name=network.name)


def fold_networks(recipe: Recipe, run_data: RunData, data: FoldData) -> Networks:
    """The fold's models with fresh weights, built under the recipe's dtype policy."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(fold_seed(recipe.seed, data.number))
    statistics = _statistics(recipe, run_data, data)
    with dtype_policy(recipe.policy):
        return build_networks(recipe, data.targets.shape[1], statistics)


def _statistics(recipe: Recipe, run_data: RunData, data: FoldData) -> tuple[float, float] | None:
    """(mean, deviation) in dB that the normalisation takes, or None for each picture's own."""
    if recipe.normalisation == "clip":
        return None
    if recipe.normalisation == "training_set":
        return run_data.statistics(data.curated)
    return tuple(recipe.normalisation)
