"""What is printed for people: lines and tables that fit a terminal of any width, and a log file."""

import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TextIO

from rich.cells import cell_len, set_cell_size

LOG = 100  # columns of a line in a file or a pipe
GAP = "  "  # between the columns of a table
NARROWEST = 16  # columns that a name may have in any terminal
UNITS = ("B", "kB", "MB", "GB", "TB")
JOINERS = "\u200c\u200d"  # invisible, and part of emoji and of some scripts
ASCII = str.maketrans({"→": ">", "×": "x", "…": "~", "−": "-"})


def width_of(stream: TextIO | None = None) -> int:
    """Columns of a line: those of the terminal, LOG where there is none; stdout's if no stream is given."""
    if not (stream or sys.stdout).isatty():
        return LOG
    return shutil.get_terminal_size((LOG, 24)).columns


def printable(text: object) -> str:
    """A text that does nothing to a terminal but stand there: what is invisible is spelled, like \\x1b."""
    letters = str(text)
    if letters.isprintable():
        return letters
    return "".join(x if x.isprintable() or x in JOINERS else x.encode("unicode_escape").decode() for x in letters)


def print_lines(*lines: str) -> None:
    """Print lines, at once; our own arrows and dots in ASCII where the stream has no others."""
    text = "\n".join(lines)
    try:
        "→×…−".encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = text.translate(ASCII)
    print(text, flush=True)


def wrapped(text: str, width: int, indent: str) -> list[str]:
    """A text in lines of so many columns, those after the first one indented; paths are not cut."""
    return textwrap.wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def shortened(text: str, width: int) -> str:
    """A text in so many columns, an ellipsis where its middle was: names often differ at their ends."""
    if cell_len(text) <= width:
        return text
    tail = ""
    for letter in reversed(text):
        if cell_len(letter + tail) > (width - 1) // 2:
            break
        tail = letter + tail
    return set_cell_size(text, width - 1 - cell_len(tail)).rstrip() + "…" + tail


def markdown_table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown; cells are taken as they are."""
    return "\n".join(f"| {' | '.join(row)} |" for row in [heading, ["---"] * len(heading), *rows])


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading and its cells, set to the right if they are numbers."""

    name: str
    cells: Sequence[str]
    right: bool = False

    @property
    def width(self) -> int:
        """Columns of the terminal that it takes."""
        return max(map(cell_len, [self.name, *self.cells]))


def fitting(columns: Sequence[Column], width: int) -> list[Column]:
    """The columns that there is room for, from the first one on; one that is too wide is passed over.

    The first one, of names, gets a third of it for certain, and what the others leave.
    """
    first, *others = columns
    kept, left = [], width - min(first.width, max(NARROWEST, width // 3))
    for column in others:
        if column.width + len(GAP) <= left:
            kept.append(column)
            left -= column.width + len(GAP)
    taken = sum(column.width + len(GAP) for column in kept)
    room = max(width - taken, NARROWEST)
    return [Column(first.name, [shortened(cell, room) for cell in first.cells], first.right), *kept]


def table(columns: Sequence[Column]) -> list[str]:
    """The lines of a table, its heading first."""
    rows = zip(*([column.name, *column.cells] for column in columns), strict=True)
    return [GAP.join(map(_padded, row, columns)).rstrip() for row in rows]


def _padded(cell: str, column: Column) -> str:
    space = " " * (column.width - cell_len(cell))
    return space + cell if column.right else cell + space


def clock(seconds: float) -> str:
    """h:mm:ss; from a day on, days and hours; at most 10 characters."""
    left = timedelta(seconds=max(0, round(seconds)))
    return f"{left.days}d {left.seconds // 3600}h" if left.days else str(left)


def size(number: float) -> str:
    """Bytes in three digits, like 4.1 MB."""
    power = next((power for power in range(len(UNITS)) if number < 999.5 * 1000**power), len(UNITS) - 1)
    scaled = number / 1000**power
    return f"{scaled:.1f} {UNITS[power]}" if power and scaled < 99.95 else f"{scaled:.0f} {UNITS[power]}"
