"""Score files: a CSV with fname and a column a class, by this package or by any other program."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from fat_tf.data.csv_table import clean, read_rows
from fat_tf.data.csv_text import csv_line
from fat_tf.errors import UserError, listed
from fat_tf.files import written_whole
from fat_tf.metrics.blocks import blocks
from fat_tf.runs.file_names import METRICS

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
        if (tuple(fnames), tuple(vocabulary)) == (self.fnames, self.vocabulary):
            return self
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
        if of_run == TEST and (Path(place) / METRICS).exists():
            raise UserError(f"{place} has no {of_run}, as its data set has no test clips: name its {OUT_OF_FOLD}")
        raise UserError(f"{place} has no {of_run}: finish that run first, or name a score file")
    return file


def read_scores(file: str | Path) -> ScoreTable:
    """Read a score file. Its first column called fname has the clips; a class may be called so too.

    Raises:
        UserError: not a CSV, no column fname, a clip or a class twice, a score that is no finite number.
    """
    try:
        return _read_plain(file)
    except (OSError, ValueError, StopIteration, csv.Error):  # in another encoding, with other separators, or wrong
        return _read_with_care(file)


def _read_plain(file: str | Path) -> ScoreTable:
    """A file as this package writes it, row by row: of a million clips the text is larger than the memory."""
    with open(file, encoding="utf-8-sig", newline="") as opened:
        rows = csv.reader(opened, strict=True)
        header = list(map(clean, next(rows)))
        place = header.index("fname")
        classes = header[:place] + header[place + 1 :]
        _check_classes(file, classes)
        fnames: list[str] = []
        numbers = (_numbers(row, place, len(header), fnames) for row in rows if any(row))
        scores = np.fromiter(numbers, np.dtype((np.float64, (len(classes),))))
    if not fnames or not all(np.isfinite(block).all() for (block,) in blocks(scores)):
        raise ValueError("nothing is in it, or no finite number")
    check_once(file, "clips", pd.Series(fnames))
    return ScoreTable(str(file), tuple(fnames), tuple(classes), scores)


def _numbers(row: list[str], place: int, cells: int, fnames: list[str]) -> list[float]:
    """The scores of a row, whose name is added to the others."""
    fname = row.pop(place)
    if len(row) + 1 != cells or "\0" in fname or "_" in "".join(row):  # Python reads 1_0 as 10
        raise ValueError("not a row as this package writes it")
    fnames.append(fname)
    return list(map(float, row))


def _read_with_care(file: str | Path) -> ScoreTable:
    """A file as people and other programs write them; what is wrong with it is said with its line."""
    rows = read_rows(file, ["fname"])
    if "fname" not in rows.header:
        raise UserError(f"{file} has no column fname; it has: {listed(rows.header)}")
    place = rows.header.index("fname")
    classes = rows.header[:place] + rows.header[place + 1 :]
    _check_classes(file, classes)
    if not rows.cells:
        raise UserError(f"{file} lists no clips")
    fnames = [cells.pop(place) for cells in rows.cells]
    check_once(file, "clips", pd.Series(fnames))
    scores = np.array([list(map(_number, cells)) for cells in rows.cells], np.float64)
    if len(wrong := np.argwhere(~np.isfinite(scores))):
        places = listed(f"line {rows.lines[clip]}, {classes[k]}: {rows.cells[clip][k]!r}" for clip, k in wrong)
        raise UserError(f"{file} has scores that are no finite numbers: {places}")
    return ScoreTable(str(file), tuple(fnames), tuple(classes), scores)


def _check_classes(file: str | Path, classes: list[str]) -> None:
    if not classes:
        raise UserError(f"{file} has no column beside fname: a score file has one a class")
    if "" in classes:
        raise UserError(f"{file} has a column without a name: write it without an index, or name its class")
    check_once(file, "classes", pd.Series(classes))


def _number(text: str) -> float:
    """The float that a text was written from, to the last bit (pandas' own parser rounds)."""
    try:
        return math.nan if "_" in text else float(text)  # Python reads 1_0 as 10
    except ValueError:
        return math.nan


def check_once(file: str | Path, what: str, names: pd.Series) -> None:
    """Raise a UserError that names what a file has twice."""
    if len(twice := names[names.duplicated()].unique()):
        raise UserError(f"{file} has {what} more than once: {listed(twice)}. Keep one of each")


def write_scores(file: str | Path, table: ScoreTable) -> None:
    """Write a score file, whole, at full precision.

    Raises:
        UserError: the file cannot be written.
    """
    with (
        written_whole(Path(file)) as unfinished,
        open(unfinished, "w", encoding="utf-8", errors="backslashreplace", newline="") as out,
    ):
        out.write(csv_line(["fname", *table.vocabulary]))
        for fname, scores in zip(table.fnames, table.scores, strict=True):
            out.write(f"{csv_line([fname])[:-1]},{','.join(map(repr, scores.tolist()))}\n")


def aligned(tables: Sequence[ScoreTable]) -> list[ScoreTable]:
    """All tables with the clips and classes in the order of the first one.

    Raises:
        UserError: tables of different clips or classes.
    """
    first, *others = in_one_spelling(tables)
    for table in others:
        check_same("classes", first.name, first.vocabulary, table.name, table.vocabulary)
        check_same("clips", first.name, first.fnames, table.name, table.fnames)
    return [first, *(table.ordered(first.fnames, first.vocabulary) for table in others)]


def in_one_spelling(tables: Sequence[ScoreTable]) -> list[ScoreTable]:
    """All tables with names of clips spelled as in the first one."""
    first, *others = tables
    return [first, *(replace(table, fnames=tuple(spelled_as(first.fnames, table.fnames))) for table in others)]


def spelled_as(known: Sequence[str], names: Sequence[str]) -> list[str]:
    """Names of clips, in the spelling of those that are known: with spaces around, or accents in two pieces (NFD).

    A name that is there in both spellings, or could mean two known ones, stays as it is.
    """
    same, given, of_clean = set(known), set(names), {}
    for name in known:
        of_clean.setdefault(clean(name), []).append(name)
    free = {cleaned: found[0] for cleaned, found in of_clean.items() if len(found) == 1 and found[0] not in given}
    return [name if name in same else free.get(clean(name), name) for name in names]


def check_same(what: str, a: str, of_a: Sequence[str], b: str, of_b: Sequence[str], remedy: str = "") -> None:
    """Raise a UserError that names what one of two files lacks."""
    alone = [(a, sorted(set(of_a) - set(of_b))), (b, sorted(set(of_b) - set(of_a)))]
    if texts := [f"{name} alone has {listed(names)}" for name, names in alone if names]:
        raise UserError(f"{a} and {b} have different {what}: {'; '.join(texts)}{remedy}")
