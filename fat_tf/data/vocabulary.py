"""The class names of a data set, in an order that stays the same."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from fat_tf.errors import UserError, listed


def read_vocabulary(file: Path | None, labels: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Class names from sample_submission.csv (its columns), vocabulary.csv, or the labels themselves, sorted.

    Raises:
        UserError: a class named twice.
    """
    if file is None:
        return tuple(sorted({label for cell in labels for label in cell}))
    try:
        names = _of_submission(file) if file.name == "sample_submission.csv" else _of_vocabulary(file)
    except (OSError, UnicodeDecodeError, pd.errors.EmptyDataError, pd.errors.ParserError) as error:
        raise UserError(f"{file} cannot be read as CSV: {str(error).strip()}") from error
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not names:
        raise UserError(f"{file}: " + (f"classes named twice: {listed(twice)}" if twice else "no classes"))
    return tuple(names)


def _of_submission(file: Path) -> list[str]:
    # As data, not as a header: pandas would rename a class that is there twice.
    first_line = pd.read_csv(file, nrows=1, header=None, dtype=str, keep_default_na=False).iloc[0].tolist()
    return [name for name in first_line if name != "fname"]


def _of_vocabulary(file: Path) -> list[str]:
    """The column label, or the second one; the Zenodo file (index, name, AudioSet id) has no header."""
    rows = pd.read_csv(file, header=None, dtype=str, keep_default_na=False).values.tolist()
    headed = not rows[0][0].isdigit()
    column = rows[0].index("label") if "label" in rows[0] else min(1, len(rows[0]) - 1)
    return [row[column] for row in rows[headed:]]
