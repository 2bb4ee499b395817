"""Scalars and the configuration for TensorBoard."""

import os
from pathlib import Path

import tensorflow as tf

from fat_tf import config

SCALARS = ("lr", "loss", "val_loss", "lwlrap", "val_lwlrap", "clips_per_second")


class TensorBoard:
    """The event file of a fold, in this process; begins with the operative configuration."""

    def __init__(self, folder: Path):
        self._writer = tf.summary.create_file_writer(os.fsencode(folder))
        with self._writer.as_default(step=0):
            tf.summary.text("operative configuration", config.operative_markdown())

    def write(self, row: dict[str, object], epoch: int) -> None:
        """Append one epoch's line of the history; epochs are counted over all stages."""
        with self._writer.as_default(step=epoch):
            for name in SCALARS:
                tf.summary.scalar(name, row[name])
        self._writer.flush()
