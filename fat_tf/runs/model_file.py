"""model.keras of a fold: front end, normalisation and network, from a window of sound to logits."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import keras

from fat_tf.audio import FrontEnd
from fat_tf.errors import UserError
from fat_tf.layers import Normalisation
from fat_tf.parts import told


@dataclass(frozen=True)
class FoldModel:
    """whole: waveform (batch, window samples) to logits; the others: its parts, in their order."""

    whole: keras.Model
    front_end: FrontEnd
    normalise: Normalisation
    network: keras.Model


def read_model(file: Path) -> FoldModel:
    """Read a fold's model.

    Raises:
        UserError: the file is not whole, no model of this package, or needs classes that are not there.
    """
    try:
        with open(file, "rb") as opened:
            is_whole = zipfile.is_zipfile(opened)
    except OSError as error:
        raise UserError(f"{file} cannot be read as a model: {error.strerror}") from error
    if not is_whole:  # Keras would say that it is not there
        raise UserError(f"{file} cannot be read as a model: it is damaged or was not copied whole, so copy it anew")
    try:
        whole = keras.models.load_model(file, compile=False)
        _, front_end, normalise, network = whole.layers
    except Exception as error:  # damaged in any way, or classes of a person's own that raise anything
        raise UserError(f"{file} cannot be read as a model: {told(error)}") from error
    if not isinstance(front_end, FrontEnd) or not isinstance(normalise, Normalisation):
        raise UserError(f"{file} cannot be read as a model: it is not one of this package")
    return FoldModel(whole, front_end, normalise, network)
