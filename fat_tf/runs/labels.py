"""labels.csv: the class order of every array of a run."""

from pathlib import Path

import pandas as pd

from fat_tf.data.csv_table import read_table
from fat_tf.data.csv_text import csv_text
from fat_tf.errors import UserError
from fat_tf.program import command_line
from fat_tf.runs.file_names import LABELS


def labels_csv(vocabulary: tuple[str, ...]) -> str:
    """What the file holds: index, label."""
    return csv_text(pd.DataFrame({"index": range(len(vocabulary)), "label": vocabulary}))


def read_labels(run: Path) -> tuple[str, ...]:
    """The classes of a run, in the order of its scores.

    Raises:
        UserError: the folder is no run, or its labels.csv is damaged.
    """
    if not (run / LABELS).is_file():
        remedy = command_line("train", f"--run_dir={run}")
        raise UserError(f"{run} is no run: it has no {LABELS}. Train one with {remedy}")
    return tuple(read_table(run / LABELS, ["label"])["label"])
