"""Tables as the text of a CSV; a carriage return in a name is quoted, for to readers it ends a line."""

import csv
import io
import re
from collections.abc import Iterable

import pandas as pd

QUOTED_OR_END = re.compile(r'("[^"]*")|\r\n')


def csv_text(table: pd.DataFrame) -> str:
    """Columns and rows, a line feed after each (pandas quotes what a line ends with, and no more)."""
    text = table.to_csv(index=False, lineterminator="\r\n")
    return QUOTED_OR_END.sub(lambda found: found[1] or "\n", text)


def csv_line(cells: Iterable[object]) -> str:
    """A row with a line feed behind."""
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().removesuffix("\r\n") + "\n"
