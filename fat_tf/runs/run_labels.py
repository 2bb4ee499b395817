"""The labels that a run was trained with, and where its data lay: what commands would else have to be told."""

from pathlib import Path

import pandas as pd

from fat_tf.errors import UserError
from fat_tf.runs.file_names import CORRECTIONS
from fat_tf.runs.labels import read_labels
from fat_tf.runs.manifest import Manifest, read_manifest
from fat_tf.runs.run_tables import read_run_tables
from fat_tf.storage.places import fetch_sounds
from fat_tf.storage.urls import is_url


def knows_its_data(place: str | Path) -> bool:
    """Whether this is a run that kept its labels."""
    return Path(place).is_dir() and read_manifest(Path(place)) is not None


def run_labels(run: str | Path, source: str) -> pd.DataFrame:
    """fname and labels (a text) of the clips of a source; none where none of them has a label.

    Raises:
        UserError: no run, or one that kept no labels.
    """
    clips = read_run_tables(Path(run), _manifest(run, "give --truth")).clips
    clips = clips[clips["source"] == source].reset_index(drop=True)
    return clips if (clips["labels"] != "").any() else clips[:0]


def data_dir_of(run: str | Path) -> str | None:
    """The data set that a run was trained on, its mirror if it is a URL; None for the built-in one.

    Raises:
        UserError: no run, one that does not say, or the folder is not there.
    """
    data_dir = _manifest(run, "give --data_dir").data_dir
    if is_url(data_dir):
        return str(fetch_sounds(data_dir))
    if data_dir and not Path(data_dir).exists():
        raise UserError(f"{run} was trained on {data_dir}, which is not there: give its place with --data_dir")
    return data_dir


def corrections_of(run: str | Path) -> Path | None:
    """The CSV of the labels that were corrected for a run; None where none were."""
    manifest = read_manifest(Path(run))
    return Path(run) / CORRECTIONS if manifest and CORRECTIONS in manifest.files else None


def _manifest(run: str | Path, remedy: str) -> Manifest:
    read_labels(Path(run))  # says what is no run
    if manifest := read_manifest(Path(run)):
        return manifest
    raise UserError(f"{run} is of an earlier version, which did not note its data: {remedy}")
