"""What is in the clips: the labels that scores are judged by."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fat_tf.data.class_names import split_labels
from fat_tf.data.csv_table import read_table
from fat_tf.data.groups import group_numbers, has_groups
from fat_tf.errors import UserError, listed
from fat_tf.runs.run_labels import run_labels
from fat_tf.runs.score_table import OUT_OF_FOLD, TEST, ScoreTable, check_once, check_same, spelled_as

SOURCES = {OUT_OF_FOLD: "curated", TEST: "test"}  # of the clips in a run's score files


@dataclass(frozen=True)
class Labels:
    """Labels as they are given: rows with fname, labels (a text), perhaps usage and group; name: their place.

    partly: of more clips, and perhaps not of all: those with scores and labels are judged.
    """

    name: str
    rows: pd.DataFrame
    partly: bool = False


@dataclass(frozen=True)
class Truth:
    """What is in the clips. targets (clips, classes) bool; usage (clips,) as given ("Public", "Private"), or None.

    groups (clips,) int, the same for clips of one group, or None. Clips without a label are background.
    """

    fnames: tuple[str, ...]
    targets: np.ndarray
    usage: tuple[str, ...] | None = None
    groups: np.ndarray | None = None


def labels_of_file(file: str | Path) -> Labels:
    """Of a CSV with fname, labels and perhaps usage: any table of a data set."""
    return Labels(str(file), read_table(file, ["fname", "labels"]))


def labels_of_run(run: str | Path, score_file: str) -> Labels:
    """Of the clips of one of a run's score files, as it was trained with them.

    Raises:
        UserError: no run, or one that kept no labels.
    """
    return Labels(str(run), run_labels(run, SOURCES[score_file]), partly=True)


def read_truth(labels: Labels, table: ScoreTable, common_clips: bool = False) -> tuple[ScoreTable, Truth]:
    """The labels of the clips of a score table.

    Args:
        labels: of these clips.
        table: gives the order of clips and classes.
        common_clips: judge the clips that both have, instead of stopping where they differ.

    Returns:
        (table, truth) of the same clips in the same order.

    Raises:
        UserError: a clip twice, no label at all, a label that the scores lack, other clips.
    """
    file, rows = labels.name, labels.rows
    rows = rows.assign(fname=spelled_as(table.fnames, rows["fname"]))
    check_once(file, "clips", rows["fname"])
    rows = rows.set_index("fname", drop=False)
    if not (common_clips or labels.partly):
        remedy = "; --common_clips judges those that both have"
        check_same("clips", file, rows["fname"], table.name, table.fnames, remedy)
    kept = [fname for fname in table.fnames if fname in rows.index]
    if not kept:
        raise UserError(f"{file} and {table.name} have no clip in common")
    rows = rows.loc[kept]
    usage = tuple(rows["usage"]) if "usage" in rows else None
    groups = group_numbers(rows) if has_groups(rows) else None
    return table.ordered(kept, table.vocabulary), Truth(tuple(kept), _targets(file, rows, table), usage, groups)


def _targets(file: str, rows: pd.DataFrame, table: ScoreTable) -> np.ndarray:
    labels = split_labels(rows["labels"])
    if not any(labels):
        raise UserError(f"{file} has no labels for {listed(rows['fname'])}: without them there is nothing to judge by")
    place = {name: k for k, name in enumerate(table.vocabulary)}
    if unknown := sorted({label for of_clip in labels for label in of_clip} - place.keys()):
        raise UserError(f"{file} has labels that {table.name} has no column for: {listed(unknown)}")
    targets = np.zeros((len(labels), len(place)), bool)
    for clip, of_clip in enumerate(labels):
        targets[clip, [place[label] for label in of_clip]] = True
    return targets
