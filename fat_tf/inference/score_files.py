"""Score files: a CSV with fname and a column a class, by this package or by any other program."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from fat_tf.data.tables import read_table, split_labels
from fat_tf.errors import UserError, listed
from fat_tf.files import write_text


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


@dataclass(frozen=True)
class Truth:
    """What is in the clips. targets (clips, classes) bool; usage (clips,) as given ("Public", "Private"), or None."""

    fnames: tuple[str, ...]
    targets: np.ndarray
    usage: tuple[str, ...] | None = None


def read_scores(file: str | Path) -> ScoreTable:
    """Read a score file.

    Raises:
        UserError: not a CSV, no column fname, a clip or a class twice, a score that is no finite number.
    """
    rows = read_table(file, ["fname"])
    classes = [column for column in rows if column != "fname"]
    if not classes:
        raise UserError(f"{file} has no column beside fname: a score file has one a class")
    _check_once(file, "clips", rows["fname"])
    header = _header(file)
    if (header == "").any():
        raise UserError(f"{file} has a column without a name: write it without an index, or name its class")
    _check_once(file, "classes", header)
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


def _check_once(file: str | Path, what: str, names: pd.Series) -> None:
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
        _check_same("classes", first.name, first.vocabulary, table.name, table.vocabulary)
        _check_same("clips", first.name, first.fnames, table.name, table.fnames)
    return [table.ordered(first.fnames, first.vocabulary) for table in tables]


def _check_same(what: str, a: str, of_a: Sequence[str], b: str, of_b: Sequence[str], remedy: str = "") -> None:
    alone = [(a, sorted(set(of_a) - set(of_b))), (b, sorted(set(of_b) - set(of_a)))]
    if texts := [f"{name} alone has {listed(names)}" for name, names in alone if names]:
        raise UserError(f"{a} and {b} have different {what}: {'; '.join(texts)}{remedy}")


def read_truth(file: str | Path, table: ScoreTable, common_clips: bool = False) -> tuple[ScoreTable, Truth]:
    """The labels of the clips of a score table, from a CSV with fname, labels and perhaps usage.

    Args:
        file: any table of a data set.
        table: gives the order of clips and classes.
        common_clips: judge the clips that both have, instead of stopping where they differ.

    Returns:
        (table, truth) of the same clips in the same order.

    Raises:
        UserError: not such a CSV, a clip twice or without label, a label that the scores lack, other clips.
    """
    rows = read_table(file, ["fname", "labels"])
    _check_once(file, "clips", rows["fname"])
    rows = rows.set_index("fname", drop=False)
    if not common_clips:
        remedy = "; --common_clips judges those that both have"
        _check_same("clips", str(file), rows["fname"], table.name, table.fnames, remedy)
    kept = [fname for fname in table.fnames if fname in rows.index]
    if not kept:
        raise UserError(f"{file} and {table.name} have no clip in common")
    rows = rows.loc[kept]
    usage = tuple(rows["usage"]) if "usage" in rows else None
    return table.ordered(kept, table.vocabulary), Truth(tuple(kept), _targets(file, rows, table), usage)


def _targets(file: str | Path, rows: pd.DataFrame, table: ScoreTable) -> np.ndarray:
    labels = split_labels(rows["labels"])
    if empty := [fname for fname, of_clip in zip(rows["fname"], labels, strict=True) if not of_clip]:
        raise UserError(f"{file} has no labels for {listed(empty)}: without them there is nothing to judge by")
    place = {name: k for k, name in enumerate(table.vocabulary)}
    if unknown := sorted({label for of_clip in labels for label in of_clip} - place.keys()):
        raise UserError(f"{file} has labels that {table.name} has no column for: {listed(unknown)}")
    targets = np.zeros((len(labels), len(place)), bool)
    for clip, of_clip in enumerate(labels):
        targets[clip, [place[label] for label in of_clip]] = True
    return targets
