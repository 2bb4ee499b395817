"""The class names of a data set, in an order that stays the same."""

from collections.abc import Iterable
from pathlib import Path

from fat_tf.data.class_names import check_class_name
from fat_tf.data.csv_table import clean, read_rows
from fat_tf.errors import UserError, listed


def read_vocabulary(file: Path | None, labels: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Class names from sample_submission.csv (its columns), vocabulary.csv, or the labels themselves, sorted.

    Raises:
        UserError: a class named twice, or a name that is none.
    """
    if file is None:
        return tuple(sorted({label for cell in labels for label in cell}))
    named = _of_submission(file) if file.name == "sample_submission.csv" else _of_vocabulary(file)
    for name, where in named:
        check_class_name(name, f"{file} {where}")
    names = [name for name, _ in named]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not names:
        raise UserError(f"{file}: " + (f"classes named twice: {listed(twice)}" if twice else "no classes"))
    return tuple(names)


def _of_submission(file: Path) -> list[tuple[str, str]]:
    """(name, place) of the columns but fname, the first one of this name."""
    header = read_rows(file, ["fname"]).header
    if "fname" not in header:
        raise UserError(f"{file} has no column fname; it has: {listed(header)}")
    place = header.index("fname")
    return [(name, f"column {k + 1}") for k, name in enumerate(header) if k != place]


def _of_vocabulary(file: Path) -> list[tuple[str, str]]:
    """(name, place) of the column label, or the second one; the Zenodo file (index, name, id) has no header."""
    rows = read_rows(file)
    header = rows.header
    column = header.index("label") if "label" in header else min(1, len(header) - 1)
    first = [(header[column], "line 1")] if header[0].isdigit() else []
    others = zip(rows.cells, rows.lines, strict=True)
    return first + [(clean(cells[column]), f"line {line}") for cells, line in others]
