"""Pictures as they enter the network."""

import keras
import numpy as np

from fat_tf.data.batches import training_batches
from fat_tf.data.drawn_rows import Rows, all_rows
from fat_tf.data.sources import ClipSource
from fat_tf.training.board.clips import evenly
from fat_tf.training.training_model import TrainingModel

SHOWN = 8  # clips


def entering(
    model: TrainingModel, source: ClipSource, rows: Rows, targets: np.ndarray, epoch: int, seed: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """A few training clips on the way of an epoch into the network: cut, augmented, mixed with each other.

    The draws of training are not touched: what is drawn here is put back.

    Args:
        model: that is trained.
        source, rows, targets, seed: as for `training_batches`; targets with what the loss needs.
        epoch: counted from 0.

    Returns:
        (pictures, labels): (clips, mels, frames, channels) and (clips, classes), as they enter.
    """
    rows = all_rows(rows)
    few = rows[evenly(len(rows), SHOWN)]
    [(batch,)] = training_batches(source, few, targets, len(few), range(epoch, epoch + 1), seed)
    view = keras.Model(model.inputs, list(model.entering), name="entering")
    before = [(variable, variable.numpy()) for variable in view.variables]
    try:
        pictures, labels = view(list(batch), training=True)
    finally:
        for variable, value in before:
            variable.assign(value)
    classes = model.outputs[0].shape[-1]
    return np.asarray(keras.ops.cast(pictures, "float32")), np.asarray(labels)[:, :classes]
