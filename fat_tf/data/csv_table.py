"""CSV files as tables of texts, with the line of each row for messages."""

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from fat_tf.data.text_file import table_text
from fat_tf.errors import UserError, counted, listed

ENDINGS = {".csv", ".tsv"}  # of tables, in lower case
SEPARATORS = ",;\t"
BLANK_LINES = re.compile(r"(?:[,;\t ]*[\r\n]+)*")  # as spreadsheets write them, of separators alone too
LINE = "line"  # name of the index of a table: the line of the file that a row begins in


@dataclass(frozen=True)
class CsvRows:
    """The rows of a CSV: its first one (trimmed, NFC), the others, and the line that each of these begins in."""

    header: list[str]
    cells: list[list[str]]
    lines: list[int]


def read_table(file: str | Path, needed: Sequence[str]) -> pd.DataFrame:
    """A CSV as texts; its index, called `line`, has the line of each row.

    Raises:
        UserError: as `read_rows`; a column twice, or one missing that is needed; no rows.
    """
    rows = read_rows(file, needed)
    if missing := [column for column in needed if column not in rows.header]:
        raise UserError(f"{file} has no column {', '.join(missing)}; it has: {listed(rows.header)}")
    if twice := sorted({name for name in rows.header if name and rows.header.count(name) > 1}):
        raise UserError(f"{file} has columns more than once: {listed(twice)}. Keep one of each")
    if not rows.cells:
        raise UserError(f"{file} lists no clips")
    columns = zip(*rows.cells, strict=True)
    named = {name: column for name, column in zip(rows.header, columns, strict=True) if name}
    return pd.DataFrame(named, pd.Index(rows.lines, name=LINE), dtype=object)


def read_rows(file: str | Path, needed: Sequence[str] = ()) -> CsvRows:
    """All rows of a CSV, whose cells are separated by commas, semicolons or tabs; blank rows are passed over.

    Args:
        needed: columns by which the separator is recognised.

    Raises:
        UserError: not text, a quotation mark that is not closed, or rows that are longer or shorter than the first.
    """
    text = table_text(file)
    cells, lines = _parsed(file, text, _separator(text, needed))
    header = list(map(clean, cells[0]))
    _check_lengths(file, header, cells, lines)
    return CsvRows(header, cells[1:], lines[1:])


def read_header(file: str | Path, needed: Sequence[str] = ()) -> list[str]:
    """The first row of a CSV; the arguments and errors of `read_rows`, other rows are not looked at."""
    text = table_text(file)
    return list(map(clean, _parsed(file, _first_line(text), _separator(text, needed))[0][0]))


def clean(name: str) -> str:
    """A name without space around it, its accented letters in one piece (NFC)."""
    return unicodedata.normalize("NFC", name).strip()


def _separator(text: str, needed: Sequence[str]) -> str:
    """That which gives the columns that are needed, or else the most cells in the first row."""
    first = _first_line(text)
    headers = {separator: list(map(clean, next(csv.reader([first], delimiter=separator)))) for separator in SEPARATORS}
    return max(SEPARATORS, key=lambda separator: (set(needed) <= set(headers[separator]), len(headers[separator])))


def _first_line(text: str) -> str:
    return io.StringIO(text[BLANK_LINES.match(text).end() :].lstrip(" "), newline="").readline()


def _parsed(file: str | Path, text: str, separator: str) -> tuple[list[list[str]], list[int]]:
    """(cells, first line) of each row."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    cells, lines, line = [], [], 1
    try:
        for row in reader:
            if any(row):  # spreadsheets write blank lines as separators alone
                cells.append(row)
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        raise UserError(f"{file} cannot be read as CSV: line {line}: {_cause(error)}") from error
    if not cells:
        raise UserError(f"{file} cannot be read as CSV: nothing is in it")
    return cells, lines


def _cause(error: csv.Error) -> str:
    if "expected after" in str(error):
        return "text follows a closing quotation mark. Write a quotation mark within a cell twice"
    return "a quotation mark is not closed"  # at the end of the file, or a cell that grows too large


def _check_lengths(file: str | Path, header: list[str], cells: list[list[str]], lines: list[int]) -> None:
    if set(map(len, cells)) == {len(header)}:
        return
    wrong = [(line, len(row)) for line, row in zip(lines, cells, strict=True) if len(row) != len(header)]
    shown = listed(f"line {line} has {number}" for line, number in wrong)
    several = "labels" in header and any(number > len(header) for _, number in wrong)
    remedy = (
        'Several labels go into one cell, in quotes: a.wav,"Bark,Rain"'
        if several
        else "Give each line as many, empty cells too"
    )
    raise UserError(f"{file} has {counted(len(header), 'column')} in its first line, and {shown}. {remedy}")
