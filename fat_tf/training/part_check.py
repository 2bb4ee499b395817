"""The whole way of a model with parts of a person's own, walked once before anything is computed or trained."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from fat_tf.config import PACKAGE
from fat_tf.errors import UserError
from fat_tf.layers.normalisation import SILENCE
from fat_tf.models.device import dtype_policy
from fat_tf.models.scoring import for_pictures
from fat_tf.parts import attribute, blamed, name_of
from fat_tf.runs.file_names import MODEL
from fat_tf.runs.model_file import read_model
from fat_tf.training.losses import Loss, loss_of_clips, of_curated, parts_of
from fat_tf.training.networks import Networks, build_networks
from fat_tf.training.recipe import Recipe
from fat_tf.training.relabelling import relabelled
from fat_tf.training.stage import Stage
from fat_tf.training.training_model import training_model

CLIPS = 4
LOOK_AT_CONFIG = "Look at what its get_config leaves out"
CLOSE = {"float32": 1e-3, "mixed_bfloat16": 0.1, "mixed_float16": 0.02}  # of the largest logit


@dataclass(frozen=True)
class Probe:
    """Random sounds, their pictures and labels. inputs: the sounds or the pictures, what training takes."""

    sounds: np.ndarray
    pictures: np.ndarray
    inputs: np.ndarray
    labels: np.ndarray


def check_parts(recipe: Recipe, num_classes: int) -> None:
    """Train a step of each stage, score, fold, save, load and predict; recipes of the package's own parts, each in its
    place, are known.

    Seeds and weights are set anew when folds are built.

    Raises:
        UserError: which part is in the way, and why.
    """
    if all(_is_known(part, room) for part, room in _parts(recipe)):
        return
    keras.backend.clear_session()
    keras.utils.set_random_seed(recipe.seed)
    probe = _probe(recipe, num_classes)
    spread = float(probe.pictures.mean()), float(probe.pictures.std()) + SILENCE
    statistics = None if recipe.normalisation == "clip" else spread
    with dtype_policy(recipe.policy):
        networks = build_networks(recipe, num_classes, statistics)
        _check_scores(recipe, networks, probe)
        for stage in [*recipe.scorer_stages, *recipe.stages]:
            if stage.labels is not None:
                scores, rows = np.random.default_rng(1).random(probe.labels.shape), np.arange(CLIPS)
                relabelled(stage.labels, stage.name, probe.labels, scores, rows % 2 > 0, rows)
            _check_step(recipe, stage, networks, probe)
    _check_file(networks, probe)
    _check_folding(networks, probe, recipe.policy)


def _parts(recipe: Recipe) -> Iterator[tuple[object, str]]:
    """Each part, and the room of the package that has such parts."""
    front_end = type(recipe.front_end), type(recipe.front_end.spectrogram)
    yield from ((part, "audio") for part in front_end)
    yield from [(recipe.model, "models"), (recipe.optimiser, "training.optimiser")]
    losses = [recipe.loss]
    for stage in [*recipe.stages, *recipe.scorer_stages]:
        of_training = (type(part) for part in (stage.schedule, stage.average, stage.labels) if part is not None)
        yield from ((part, "training") for part in of_training)
        yield from ((part, "layers") for part in (*stage.augmentations, *stage.waveform_augmentations))
        losses += [] if stage.loss is None else [stage.loss]
    yield from ((part, "training.losses") for loss in losses for part in parts_of(loss))


def _is_known(part: object, room: str) -> bool:
    is_there = f"{getattr(part, '__module__', '')}.".startswith(f"{PACKAGE.name}.{room}.")
    return is_there and (room != "layers" or attribute(part, "changes", "") or attribute(part, "mixes_labels", False))


def _probe(recipe: Recipe, num_classes: int) -> Probe:
    front_end, draw = recipe.front_end, np.random.default_rng(0)
    sounds = draw.uniform(-0.5, 0.5, (CLIPS, front_end.window_samples)).astype(np.float32)
    labels = np.eye(num_classes, dtype=np.float32)[np.arange(CLIPS) % num_classes]
    pictures = front_end(sounds).numpy()
    return Probe(sounds, pictures, pictures if recipe.takes_pictures else sounds, labels)


def _check_scores(recipe: Recipe, networks: Networks, probe: Probe) -> None:
    what = f"Recipe.model {name_of(recipe.model)}"
    with blamed(what):
        logits = _array(networks.scoring(probe.inputs, training=False))
    if not np.isfinite(logits).all():
        raise UserError(
            f"{what} gives logits that are not finite: {_first(networks.network, _normalised(networks, probe))}"
        )
    _check_loss("Recipe.loss", recipe.loss, probe.labels, logits)
    for stage in [*recipe.scorer_stages, *recipe.stages]:
        if stage.loss is not None:
            _check_loss(f"Loss of stage {stage.name}:", stage.loss, probe.labels, logits)


def _check_loss(place: str, loss: Loss | type, labels: np.ndarray, logits: np.ndarray) -> None:
    what = f"{place} {name_of(loss)}"
    with blamed(what):
        costs = np.asarray(of_curated(loss_of_clips(loss))(keras.ops.convert_to_tensor(labels), logits))
    if costs.shape != (CLIPS,) or not np.isfinite(costs).all():
        raise UserError(f"{what} gives {costs} for {CLIPS} clips: expected is a finite cost of each, {(CLIPS,)}")


def _check_step(recipe: Recipe, stage: Stage, networks: Networks, probe: Probe) -> None:
    what = f"A training step of stage {stage.name}"
    with blamed(what):
        model = training_model(recipe, stage, networks)
        model.optimizer.learning_rate = stage.schedule([])
        columns = model.inputs[1].shape[-1]  # more than classes where noisy clips are treated differently
        labels = np.pad(probe.labels, ((0, 0), (0, columns - probe.labels.shape[1])))
        logs = model.train_on_batch([probe.inputs, labels], return_dict=True)
    if int(logs["not_finite"]) >= 0:
        raise UserError(f"{what} has a loss that is not finite: look at its augmentations, and at Recipe.loss")
    if not all(np.isfinite(_array(weight)).all() for weight in networks.network.weights):
        raise UserError(f"{what} leaves weights that are not finite: look at Recipe.optimiser, loss and schedule")


def _check_file(networks: Networks, probe: Probe) -> None:
    """Save, load and predict."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / MODEL
        with blamed("The model cannot be saved"):
            networks.saved.save(file)
        saved = read_model(file)
    expected, got = (_array(model(probe.sounds, training=False)) for model in (networks.saved, saved.whole))
    if not _close(got, expected, 1e-3):
        where = _first(networks.network, _normalised(networks, probe), saved.network)
        raise UserError(f"The model gives other logits once it was saved and loaded: {where}. {LOOK_AT_CONFIG}")


def _check_folding(networks: Networks, probe: Probe, policy: str) -> None:
    """What scores later on gives the same logits."""
    with blamed("The model cannot be built anew for scoring"):
        scoring = for_pictures(networks.normalise, networks.network, policy, probe.pictures.shape[1:])
        got = _array(scoring(probe.pictures, training=False))
    expected = _array(networks.network(_normalised(networks, probe), training=False))
    if not _close(got, expected, CLOSE[policy]):
        off = np.abs(got - expected).max()
        raise UserError(f"The model built anew for scoring gives other logits, by {off:.3g}. {LOOK_AT_CONFIG}")


def _normalised(networks: Networks, probe: Probe):
    return networks.normalise(probe.pictures)


def _array(values) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(values), np.float32)


def _close(got: np.ndarray, expected: np.ndarray, share: float) -> bool:
    return bool(np.abs(got - expected).max() <= share * (1 + np.abs(expected).max()))


def _first(network: keras.Model, x, other: keras.Model | None = None) -> str:
    """The first layer whose output is not finite, or is not that of another model's layer of its place."""
    theirs = _outputs(other, x) if other else iter(lambda: ("", None), 0)
    for (name, values), (_, compared) in zip(_outputs(network, x), theirs, strict=False):
        if not np.isfinite(values).all() or (compared is not None and not _close(compared, values, 1e-3)):
            return f"the first such layer is {name}"
    return "no layer of its own shows it"


def _outputs(network: keras.Model, x) -> Iterator[tuple[str, np.ndarray]]:
    """Name and output of each layer; of a subclassed model its own."""
    if not getattr(network, "inputs", None):
        yield network.name, _array(network(x, training=False))
        return
    layers = [layer for layer in network.layers if not isinstance(layer.output, list | tuple | dict)]
    values = keras.Model(network.inputs, [layer.output for layer in layers])(x, training=False)
    yield from zip([layer.name for layer in layers], map(_array, values), strict=True)
