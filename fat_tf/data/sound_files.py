"""The sound files below a folder: links are followed, hidden files and folders passed over."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fat_tf.data.endings import ENDINGS
from fat_tf.errors import UserError, counted

# Of a run of ours, whose sounds are cut from others.
RUN = {"manifest.json", "labels.csv", "config.gin"}


@dataclass(frozen=True)
class FolderFiles:
    """Paths of files below a folder, relative to it, sorted. sounds: by their ending; others: the rest."""

    sounds: list[str]
    others: list[str]


def files_below(folder: Path) -> FolderFiles:
    """All files of a folder and of those below it, but of runs; a link back to a folder above is not followed."""
    return _sorted_out(_walked(folder))


def files_in(folder: Path) -> FolderFiles:
    """The files right in a folder; none where it is not there."""
    if not folder.is_dir():
        return FolderFiles([], [])
    return _sorted_out(entry.name for entry in os.scandir(folder) if _is_seen(entry.name) and _is_file(entry))


class Listings:
    """Which files are there, told by the listings of their folders: to ask for each file takes long over a network."""

    def __init__(self):
        self._names: dict[str, set[str]] = {}

    def has(self, path: str) -> bool:
        """Whether a path is a file."""
        folder, name = os.path.split(path)
        if folder not in self._names:
            self._names[folder] = _file_names(folder)
        return name in self._names[folder] or os.path.isfile(path)  # in another case on some systems


def _file_names(folder: str) -> set[str]:
    try:
        return {entry.name for entry in os.scandir(folder or ".") if _is_file(entry)}
    except (OSError, ValueError):
        return set()


def _is_file(entry: os.DirEntry) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link to itself, or into a folder that is closed
        return False


def _walked(folder: Path) -> Iterator[str]:
    ways: dict[str, frozenset[str]] = {}  # by folder: it and those above it, as they really are
    for parent, folders, names in os.walk(folder, onerror=_refused, followlinks=True):
        above, here = ways.get(os.path.dirname(parent), frozenset()), os.path.realpath(parent)
        if here in above or (above and set(names) >= RUN):  # a link led back, or a run lies among the sounds
            folders.clear()
            continue
        ways[parent] = above | {here}
        folders[:] = sorted(filter(_is_seen, folders))
        below = os.path.relpath(parent, folder)
        yield from (os.path.normpath(os.path.join(below, name)) for name in names if _is_seen(name))


def _refused(error: OSError) -> None:
    """os.walk would leave out a folder that is there."""
    if isinstance(error, FileNotFoundError):
        return
    raise UserError(f"{error.filename} cannot be looked into: {error.strerror}") from error


def _is_seen(name: str) -> bool:
    return not name.startswith(".") and name != "__MACOSX"


def _sorted_out(names: Iterable[str]) -> FolderFiles:
    files = FolderFiles([], [])
    for name in sorted(names):
        (files.sounds if os.path.splitext(name)[1].lower() in ENDINGS else files.others).append(name)
    return files


def left_out(others: Iterable[str]) -> str:
    """A line about files that are no sounds, by their endings; empty where there are none."""
    endings = Counter(Path(name).suffix.lower() or "without ending" for name in others)
    if not endings:
        return ""
    one = endings.total() == 1
    kinds = ", ".join(f"{number} {ending}" for ending, number in endings.most_common())
    return f"Left out {counted(endings.total(), 'file')} that {'is no sound' if one else 'are no sounds'}: {kinds}"
