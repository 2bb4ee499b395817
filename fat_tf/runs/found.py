"""The runs below a folder: of ensembles and strategies too, whatever state they are in."""

import os
from collections.abc import Iterator
from pathlib import Path

from fat_tf.errors import UserError
from fat_tf.runs.file_names import LABELS, LOCK, METRICS
from fat_tf.runs.manifest import MANIFEST

DEPTH = 4  # folders below the given one that are looked into


def is_run(folder: Path) -> bool:
    """Whether this is a run, be it unfinished, damaged or of an earlier version."""
    if any((folder / name).is_file() for name in (MANIFEST, METRICS, LOCK)):
        return True
    return (folder / LABELS).is_file() and any(folder.glob("fold_*"))


def find_runs(place: str | Path) -> list[Path]:
    """This run, or all below this folder, in the order of their names; what a run keeps inside of it is no other.

    A folder that cannot be looked into is among them: it may be one.

    Raises:
        UserError: no folder, or none with runs.
    """
    folder = Path(place)
    if not folder.exists():
        raise UserError(f"{place} does not exist: name a run or a folder of runs")
    if not folder.is_dir():
        raise UserError(f"{place} is a file: name a run or a folder of runs")
    if not (runs := list(_below(folder, DEPTH))):
        raise UserError(f"{place} is no run, and there is none below it: train one, or name another folder")
    return runs


def _below(folder: Path, depth: int) -> Iterator[Path]:
    try:
        if is_run(folder):
            yield folder
            return
        folders = sorted(entry.name for entry in os.scandir(folder) if os.path.isdir(entry) and entry.name[0] != ".")
    except OSError:
        yield folder
        return
    if depth:
        for name in folders:
            yield from _below(folder / name, depth - 1)
