"""All folds of all runs as one Keras model."""

from pathlib import Path

import keras

from fat_tf.export.shared_window import shared_window
from fat_tf.files import written_whole
from fat_tf.inference.run_models import Group, Models
from fat_tf.models.scoring import for_pictures


def write_keras(file: Path, models: Models, policy: str) -> None:
    """Write a functional model, normalisations folded: waveform (batch, window samples) to scores (batch, classes).

    It sees one window, trimmed and padded by the caller (`FrontEnd.prepare`). Its front end is a layer of this package:
    `import fat_tf` before `keras.models.load_model`; with parts of a person's own beside it also
    `fat_tf.load_parts(FOLDER)`.

    Raises:
        UserError: runs whose windows differ, or are trimmed differently.
    """
    waveform = keras.Input((shared_window(models),), name="waveform")
    parts = [part for number, group in enumerate(models.groups) for part in _parts(waveform, group, policy, number)]
    scores = keras.layers.Add(name="scores")(parts) if len(parts) > 1 else parts[0]
    with written_whole(file) as unfinished:
        keras.Model(waveform, scores, name="tagger").save(unfinished)


def _parts(waveform, group: Group, policy: str, number: int) -> list:
    """What each network of a group adds to the scores; names must differ in a model."""
    picture = group.front_end.fresh(name=f"front_end_{number}")(waveform)
    parts = []
    for fold, (network, weight) in enumerate(zip(group.networks, group.weights, strict=True)):
        fast = for_pictures(*network.layers[-2:], policy, group.front_end.picture_shape)
        named = keras.Model(fast.input, fast.output, name=f"network_{number}_{fold}")
        parts.append(weight * keras.ops.sigmoid(keras.ops.cast(named(picture), "float32")))
    return parts
