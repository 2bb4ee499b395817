"""The tables of a data set, checked and read into one."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import gin
import numpy as np
import pandas as pd

from fat_tf.data.class_names import check_class_name, split_labels
from fat_tf.data.corrections import apply_all
from fat_tf.data.csv_table import LINE, read_table
from fat_tf.data.layouts.find import find_layout
from fat_tf.data.layouts.layout import Layout, Part
from fat_tf.data.listed_files import check_files
from fat_tf.data.listed_sounds import ListedSounds
from fat_tf.data.moved_sounds import MovedSounds
from fat_tf.data.sound_files import Listings
from fat_tf.data.vocabulary import read_vocabulary
from fat_tf.errors import UserError, listed

OPTIONAL = ("fold", "group", "usage")  # columns


@dataclass(frozen=True)
class AudioDataset:
    """A data set's clips and classes.

    clips: one row a clip, with the columns fname, path, labels (tuple of class names; empty of background, and of all
    test clips where none has a label), split (train, test), source (curated, noisy, test); and, as given or None,
    fold, group (what its recording, speaker or place is called) and usage.
    vocabulary: class names; their order is that of every array of scores. corrections: of labels, see
    `apply_all`; None where there are none.
    """

    folder: Path
    clips: pd.DataFrame
    vocabulary: tuple[str, ...]
    corrections: pd.DataFrame | None = None

    @property
    def root(self) -> Path:
        """The folder, also where the data set was named by its CSV."""
        return self.folder if self.folder.is_dir() else self.folder.parent

    def of(self, source: str) -> pd.DataFrame:
        """The clips of one source, with a fresh index."""
        return self.clips[self.clips["source"] == source].reset_index(drop=True)

    def without(self, paths: set[str]) -> "AudioDataset":
        """The same data set with some files left out."""
        kept = self.clips[~self.clips["path"].isin(paths)].reset_index(drop=True)
        return replace(self, clips=kept)

    def targets(self, clips: pd.DataFrame) -> np.ndarray:
        """Labels as 0 and 1, (clips, classes) uint8: of a million clips and 500 classes 0.5 GB, not 2."""
        index = {label: i for i, label in enumerate(self.vocabulary)}
        targets = np.zeros((len(clips), len(index)), np.uint8)
        clip = np.repeat(np.arange(len(clips)), [len(labels) for labels in clips["labels"]])
        targets[clip, [index[label] for labels in clips["labels"] for label in labels]] = 1
        return targets


@gin.configurable
def read_dataset(
    data_dir: str | Path,
    dropped: tuple[str, ...] = (),
    unlisted: str = "stop",
    layout: Callable[[Path], Layout] | None = None,
    corrections: str | tuple[str, ...] = (),
    audio: str | None = None,
) -> AudioDataset:
    """Read a data set in a layout of `fat_tf.data.layouts`: of a known one, with a CSV, or with a folder a class.

    Args:
        data_dir: the folder, or the CSV itself.
        dropped: file names, with or without their ending, to leave out.
        unlisted: "stop" or "ignore": what to do about sound files that no table lists.
        layout: function of the folder that tells where its tables and sounds lie; None recognises it.
        corrections: a CSV of labels that were corrected since, see `apply_corrections`, or several: later ones win.
        audio: folder to look in for sounds that are not where the layout has them; None: they are.

    Raises:
        UserError: what is wrong with the folder, a table, a column, a line or a file, and the remedy.
    """
    data_dir = Path(data_dir)
    layout = find_layout(data_dir, layout)
    listings = Listings()
    sounds = {part.audio: ListedSounds(part.audio, listings) for part in layout.parts}
    clips = pd.concat([_read_part(part, sounds[part.audio]) for part in layout.parts], ignore_index=True)
    clips = clips[~clips["fname"].map(lambda fname: fname in dropped or Path(fname).stem in dropped)]
    if audio:
        clips["path"] = _moved(clips, layout, audio)
    check_files(clips, layout, unlisted, dropped, listings)
    vocabulary = read_vocabulary(layout.vocabulary, clips["labels"])
    _check_labels(clips, vocabulary, layout.vocabulary)
    clips, made = clips.drop(columns=["table", "line"]), None
    if corrections:
        files = [corrections] if isinstance(corrections, str) else corrections
        clips, made = apply_all(clips, vocabulary, files)
    return AudioDataset(data_dir, clips.reset_index(drop=True), vocabulary, made)


def _read_part(part: Part, sounds: ListedSounds) -> pd.DataFrame:
    """One table, with the place of each row (table, line) for messages."""
    needed = ["fname"] if part.source == "test" else ["fname", "labels"]
    rows = read_table(part.table, needed) if part.rows is None else part.rows
    if missing := [column for column in needed if column not in rows]:
        raise UserError(f"The layout's rows of {part.table.name} have no column {', '.join(missing)}")
    lines = rows.index if rows.index.name == LINE else np.arange(len(rows)) + 2
    rows = rows.reset_index(drop=True)
    clips = pd.DataFrame({"fname": rows["fname"], "table": part.table.name, "line": lines})
    _check_cells(clips["fname"], "file name", part, lines)
    clips["path"] = [sounds.find(fname) or str(part.audio / fname) for fname in rows["fname"]]
    clips["labels"] = split_labels(rows["labels"].fillna("") if "labels" in rows else [""] * len(rows))
    clips["split"] = "test" if part.source == "test" else "train"
    clips["source"] = part.source
    for column in OPTIONAL:
        clips[column] = rows.get(column)
    if "fold" in rows:
        _check_cells(clips["fold"], "fold", part, lines)
    return clips


def _moved(clips: pd.DataFrame, layout: Layout, audio: str) -> list[str]:
    """Paths of the clips, of those that are not where they were below the folder `audio`."""
    above = {part.source: part.audio.name for part in layout.parts}  # tells apart clips of the same name
    names = [(f"{above[source]}/{fname}", fname) for source, fname in zip(clips["source"], clips["fname"], strict=True)]
    moved = MovedSounds(audio, names)
    found = zip(clips["path"], names, strict=True)
    return [path if os.path.isfile(path) else moved.find(*of_clip) or path for path, of_clip in found]


def _check_cells(cells: pd.Series, what: str, part: Part, lines: np.ndarray) -> None:
    empty = cells.isna() | (cells.astype(str).str.strip() == "")
    if empty.any():
        raise UserError(f"{part.table}: no {what} in line {listed(lines[empty])}")


def _check_labels(clips: pd.DataFrame, vocabulary: tuple[str, ...], source: Path | None) -> None:
    places = clips[["labels", "table", "line"]].itertuples(index=False)
    each = [(label, f"{table} line {line}") for labels, table, line in places for label in labels]
    for label, place in each:
        check_class_name(label, place)
    curated = clips[clips["source"] == "curated"]
    if not curated["labels"].map(len).any():
        raise UserError(f"{listed(curated['table'].unique())}: no clip has a label, and so there is nothing to learn")
    known = set(vocabulary)
    if unknown := [f"{label!r} ({place})" for label, place in each if label not in known]:
        raise UserError(f"Labels that {source.name if source else 'the training clips'} lacks: {listed(unknown)}")
    if len(vocabulary) < 2:
        raise UserError(f"One class alone ({listed(vocabulary)}) leaves nothing to learn: label a second one")
