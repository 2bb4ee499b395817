"""Names of classes: how they are written in tables, and what cannot be one."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from fat_tf.data.csv_table import clean
from fat_tf.errors import UserError


def split_labels(cells: Iterable[str | tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Class names of each cell, which holds them separated by commas; tuples are left as they are."""
    return [cell if isinstance(cell, tuple) else _split(cell) for cell in cells]


def _split(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in cell.split(",") if (name := clean(part))))


def check_class_name(name: str, where: str) -> None:
    """Raise a UserError for a name that is empty or has a comma or a line break; `where` it is, for the message."""
    if not name:
        raise UserError(f"{where}: an empty class name. Name it, or take it out")
    if "," in name:
        raise UserError(f"{where}: the class name {name!r} has a comma, which stands between labels: rename it")
    if len(name.splitlines()) > 1:
        raise UserError(f"{where}: the class name {name!r} has a line break: write it in one line")


def nearly_alike(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Names that differ by capitals, spaces and signs alone, like Dog_bark and dog bark."""
    alike = defaultdict(list)
    for name in names:
        alike["".join(filter(_tells_apart, name.casefold())) or name].append(name)
    return [tuple(each) for each in alike.values() if len(each) > 1]


def _tells_apart(letter: str) -> bool:
    """Whether a character is more than a space or a mark between words."""
    return letter == "#" or unicodedata.category(letter)[0] not in "PZ"
