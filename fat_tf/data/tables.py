"""The tables of a data set, checked and read into one."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import gin
import numpy as np
import pandas as pd

from fat_tf.data.layouts import Layout, Part, audio_files, find_layout
from fat_tf.data.vocabulary import read_vocabulary
from fat_tf.errors import UserError, listed

QUOTES = 'Several labels go into one cell, in quotes: a.wav,"Bark,Rain"'


@dataclass(frozen=True)
class AudioDataset:
    """A data set's clips and classes.

    clips: one row a clip, with the columns fname, path, labels (tuple of class names, empty where unknown),
    split (train, test), source (curated, noisy, test), fold (as given, or None) and usage (as given, or None).
    vocabulary: class names; their order is that of every array of scores.
    """

    folder: Path
    clips: pd.DataFrame
    vocabulary: tuple[str, ...]

    def of(self, source: str) -> pd.DataFrame:
        """The clips of one source, with a fresh index."""
        return self.clips[self.clips["source"] == source].reset_index(drop=True)

    def without(self, paths: set[str]) -> "AudioDataset":
        """The same data set with some files left out."""
        kept = self.clips[~self.clips["path"].isin(paths)].reset_index(drop=True)
        return AudioDataset(self.folder, kept, self.vocabulary)

    def targets(self, clips: pd.DataFrame) -> np.ndarray:
        """Labels as 0 and 1, (clips, classes) float32."""
        index = {label: i for i, label in enumerate(self.vocabulary)}
        targets = np.zeros((len(clips), len(index)), np.float32)
        for row, labels in zip(targets, clips["labels"], strict=True):
            row[[index[label] for label in labels]] = 1.0
        return targets


@gin.configurable
def read_dataset(
    data_dir: str | Path,
    dropped: tuple[str, ...] = (),
    unlisted: str = "stop",
    layout: Callable[[Path], Layout] | None = None,
) -> AudioDataset:
    """Read FSDKaggle2019 (Kaggle or Zenodo layout), or a folder with a CSV `fname,labels[,fold]`.

    Args:
        data_dir: the folder, or the CSV itself.
        dropped: file names, with or without their ending, to leave out.
        unlisted: "stop" or "ignore": what to do about sound files that no table lists.
        layout: function of the folder that tells where its tables and sounds lie; None recognises it.

    Raises:
        UserError: what is wrong with the folder, a table, a column, a line or a file, and the remedy.
    """
    data_dir = Path(data_dir)
    layout = find_layout(data_dir, layout)
    clips = pd.concat([_read_part(part) for part in layout.parts], ignore_index=True)
    clips = clips[~clips["fname"].map(lambda fname: fname in dropped or Path(fname).stem in dropped)]
    _check_files(clips, layout, unlisted, dropped)
    vocabulary = read_vocabulary(layout.vocabulary, clips["labels"])
    _check_labels(clips, vocabulary, layout.vocabulary)
    clips = clips.drop(columns=["table", "line"]).reset_index(drop=True)
    return AudioDataset(data_dir, clips, vocabulary)


def _read_part(part: Part) -> pd.DataFrame:
    """One table, with the place of each row (table, line) for messages."""
    needed = ["fname"] if part.source == "test" else ["fname", "labels"]
    rows = read_table(part.table, needed) if part.rows is None else part.rows.reset_index(drop=True)
    if missing := [column for column in needed if column not in rows]:
        raise UserError(f"The layout's rows of {part.table.name} have no column {', '.join(missing)}")
    clips = pd.DataFrame({"fname": rows["fname"], "table": part.table.name, "line": np.arange(len(rows)) + 2})
    clips["path"] = [str(part.audio / fname) for fname in rows["fname"]]
    cells = rows["labels"] if "labels" in rows else pd.Series("", rows.index)
    clips["labels"] = split_labels(cells)
    clips["split"] = "test" if part.source == "test" else "train"
    clips["source"] = part.source
    for column in ("fold", "usage"):
        clips[column] = rows.get(column)
    _check_names(clips, part)
    return clips


def read_table(file: str | Path, needed: list[str]) -> pd.DataFrame:
    """A CSV as texts.

    Raises:
        UserError: not a CSV, without one of the columns that are needed, or without rows.
    """
    try:
        rows = pd.read_csv(file, dtype=str, keep_default_na=False)
    except OSError as error:
        raise UserError(f"{file} cannot be read as CSV: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{file} cannot be read as CSV: it is not text in UTF-8. Save it as UTF-8") from error
    except (pd.errors.EmptyDataError, pd.errors.ParserError) as error:
        raise UserError(f"{file} cannot be read as CSV: {str(error).strip()}. {QUOTES}") from error
    if not isinstance(rows.index, pd.RangeIndex):
        raise UserError(f"{file} has more fields in its lines than columns: {QUOTES}")
    if missing := [column for column in needed if column not in rows]:
        raise UserError(f"{file} has no column {', '.join(missing)}; it has: {listed(rows.columns)}")
    if rows.empty:
        raise UserError(f"{file} lists no clips")
    return rows


def split_labels(cells: pd.Series) -> list[tuple[str, ...]]:
    """Class names of each cell, which holds them separated by commas."""
    return [tuple(filter(None, map(str.strip, cell.split(",")))) for cell in cells]


def _check_names(clips: pd.DataFrame, part: Part) -> None:
    empty = clips["fname"].str.strip() == ""
    if empty.any():
        raise UserError(f"{part.table}: no file name in line {listed(clips.loc[empty, 'line'])}")
    twice = clips[clips["fname"].map(os.path.normpath).duplicated(keep=False)]
    if len(twice):
        places = listed(f"{fname} (line {line})" for fname, line in twice[["fname", "line"]].itertuples(index=False))
        raise UserError(f"{part.table}: names listed more than once: {places}. Keep one row a clip")
    unfolded = clips["fold"].map(lambda fold: fold is not None and not str(fold).strip())
    if unfolded.any():
        raise UserError(f"{part.table}: no fold in line {listed(clips.loc[unfolded, 'line'])}")


def _check_files(clips: pd.DataFrame, layout: Layout, unlisted: str, dropped: tuple[str, ...]) -> None:
    """Each listed file is there, and each file there is listed."""
    if unlisted not in ("stop", "ignore"):
        raise UserError(f'read_dataset.unlisted is "stop" or "ignore", not {unlisted!r}')
    for part in layout.parts:
        mine = clips[clips["source"] == part.source]
        gone = [
            (f, n) for f, n, path in mine[["fname", "line", "path"]].itertuples(index=False) if not Path(path).is_file()
        ]
        if gone:
            names = listed(f"{fname} (line {line})" for fname, line in gone)
            raise UserError(f"{part.table} lists {len(gone)} files that are not in {part.audio}: {names}")
        known = set(mine["fname"]) | set(dropped)
        extra = [name for name in audio_files(part.audio) if name not in known and Path(name).stem not in known]
        if extra and unlisted == "stop":
            raise UserError(
                f"{part.audio} holds {len(extra)} sound files that {part.table.name} does not list: {listed(extra)}. "
                "List them, move them away, or pass --gin_param=\"read_dataset.unlisted='ignore'\""
            )


def _check_labels(clips: pd.DataFrame, vocabulary: tuple[str, ...], source: Path | None) -> None:
    unlabelled = clips[(clips["split"] == "train") & (clips["labels"].map(len) == 0)]
    if len(unlabelled):
        first = unlabelled.iloc[0]
        lines = listed(unlabelled.loc[unlabelled["table"] == first["table"], "line"])
        raise UserError(f"{first['table']}: no label in line {lines}. Give each clip one label at least")
    known = set(vocabulary)
    unknown = [
        f"{label!r} ({table} line {line})"
        for labels, table, line in clips[["labels", "table", "line"]].itertuples(index=False)
        for label in labels
        if label not in known
    ]
    if unknown:
        raise UserError(f"Labels that {source.name if source else 'the training clips'} lacks: {listed(unknown)}")
    if len(vocabulary) < 2:
        raise UserError(f"One class alone ({listed(vocabulary)}) leaves nothing to learn: label a second one")
