"""From folders of sound files and their CSVs to batches of pictures and labels."""

from collections.abc import Callable
from importlib import import_module

import pandas as pd

from fat_tf.data.layouts import Layout, Part
from fat_tf.data.tables import AudioDataset, read_dataset

pd.set_option("mode.string_storage", "python")  # pyarrow's, where it is installed, refuses names that are not UTF-8

__all__ = ["AudioDataset", "Layout", "Part", "assign_folds", "make_synthetic", "read_dataset"]
LATER = {"assign_folds": "fat_tf.data.fold_assignment", "make_synthetic": "fat_tf.data.synthetic"}


def __getattr__(name: str) -> Callable:
    """What needs scikit-learn or SciPy, which take seconds to import, waits until it is asked for."""
    if name not in LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(LATER[name]), name)
