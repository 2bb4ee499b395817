"""Score files: a CSV with fname and a column a class, by this package or by any other program."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from fat_tf.data.tables import read_table
from fat_tf.errors import UserError, listed
from fat_tf.files import write_text

TEST, OUT_OF_FOLD = "test_scores.csv", "oof_scores.csv"  # of a run


@dataclass(frozen=True)
class ScoreTable:
    """Scores of clips. name: for messages and tables, its file; fnames (clips,), scores (clips, classes) float64."""

    name: str
    fnames: tuple[str, ...]
    vocabulary: tuple[str, ...]
    scores: np.ndarray

    def ordered(self, fnames: Sequence[str], vocabulary: Sequence[str]) -> "ScoreTable":
        """The same scores with clips and classes in another order, or some of them."""
        table = pd.DataFrame(self.scores, list(self.fnames), list(self.vocabulary)).loc[list(fnames), list(vocabulary)]
        return replace(self, fnames=tuple(fnames), vocabulary=tuple(vocabulary), scores=table.to_numpy())


def score_file(place: str | Path, of_run: str) -> Path:
    """A score file as it is; of a run the one of this name.

    Raises:
        UserError: a folder without it.
    """
    if not Path(place).is_dir():
        return Path(place)
    if not (file := Path(place) / of_run).is_file():
        raise UserError(f"{place} has no {of_run}: finish that run first, or name a score file")
    return file


def read_scores(file: str | Path) -> ScoreTable:
    """Read a score file.

    Raises:
        UserError: not a CSV, no column fname, a clip or a class twice, a score that is no finite number.
    """
    rows = read_table(file, ["fname"])
    classes = [column for column in rows if column != "fname"]
    if not classes:
        raise UserError(f"{file} has no column beside fname: a score file has one a class")
    check_once(file, "clips", rows["fname"])
    header = _header(file)
    if (header == "").any():
        raise UserError(f"{file} has a column without a name: write it without an index, or name its class")
    check_once(file, "classes", header)
    scores = rows[classes].map(_number).to_numpy(np.float64)
    if len(wrong := np.argwhere(~np.isfinite(scores))):
        places = listed(f"line {clip + 2}, {classes[k]}: {rows[classes[k]].iloc[clip]!r}" for clip, k in wrong)
        raise UserError(f"{file} has scores that are no finite numbers: {places}")
    return ScoreTable(str(file), tuple(rows["fname"]), tuple(classes), scores)


def _number(text: str) -> float:
    """The float that a text was written from, to the last bit (pandas' own parser rounds)."""
    try:
        return math.nan if "_" in text else float(text)  # Python reads 1_0 as 10
    except ValueError:
        return math.nan


def _header(file: str | Path) -> pd.Series:
    """The first line as data: pandas would rename a class that is there twice."""
    return pd.read_csv(file, nrows=1, header=None, dtype=str, keep_default_na=False).iloc[0]


def check_once(file: str | Path, what: str, names: pd.Series) -> None:
    """Raise a UserError that names what a file has twice."""
    if len(twice := names[names.duplicated()].unique()):
        raise UserError(f"{file} has {what} more than once: {listed(twice)}. Keep one of each")


def write_scores(file: str | Path, table: ScoreTable) -> None:
    """Write a score file, whole, at full precision.

    Raises:
        UserError: the file cannot be written.
    """
    rows = pd.DataFrame(table.scores, columns=list(table.vocabulary))
    rows.insert(0, "fname", list(table.fnames))
    write_text(Path(file), rows.to_csv(index=False))


def aligned(tables: Sequence[ScoreTable]) -> list[ScoreTable]:
    """All tables with the clips and classes in the order of the first one.

    Raises:
        UserError: tables of different clips or classes.
    """
    first = tables[0]
    for table in tables[1:]:
        check_same("classes", first.name, first.vocabulary, table.name, table.vocabulary)
        check_same("clips", first.name, first.fnames, table.name, table.fnames)
    return [table.ordered(first.fnames, first.vocabulary) for table in tables]


def check_same(what: str, a: str, of_a: Sequence[str], b: str, of_b: Sequence[str], remedy: str = "") -> None:
    """Raise a UserError that names what one of two files lacks."""
    alone = [(a, sorted(set(of_a) - set(of_b))), (b, sorted(set(of_b) - set(of_a)))]
    if texts := [f"{name} alone has {listed(names)}" for name, names in alone if names]:
        raise UserError(f"{a} and {b} have different {what}: {'; '.join(texts)}{remedy}")
