"""The ways in which a command uses a URL, each as the local path of its mirror."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fat_tf.errors import UserError
from fat_tf.storage.mirror import fetch, stamp_of
from fat_tf.storage.remote import Remote, at_once
from fat_tf.storage.urls import mirror_of
from fat_tf.storage.work import worked_on

__all__ = ["fetch", "fetch_sounds", "shared_by", "worked_on", "written_to"]
TABLES = (".csv", ".tsv")


def fetch_sounds(url: str) -> Path:
    """The mirror of a folder of sounds, of a sound, or of a table with the folder that it is in: its sounds are there.

    Raises:
        UserError: as `fetch`.
    """
    if not (url.lower().endswith(TABLES) and Remote(url).is_file()):
        return fetch(url)
    folder, _, name = url.rpartition("/")
    return fetch(folder) / name


def shared_by(url: str) -> Path:
    """The mirror of a folder that others write to as well; what it has is fetched when it is asked for.

    Raises:
        UserError: it cannot be reached, or the storage forbids writing.
    """
    Remote(url).now()
    return mirror_of(url)


@contextmanager
def written_to(url: str) -> Iterator[Path]:
    """The mirror of a file that is to be written; at the end, however it comes, what was written of it is copied there.

    Files beside it whose names begin with its own are too, but for what is unfinished.

    Raises:
        UserError: the storage cannot be reached or forbids writing.
    """
    place, (folder, _, name) = mirror_of(url), url.rpartition("/")
    remote = Remote(folder)
    remote.now()
    before = {file: stamp_of(file) for file in place.parent.glob("*")}
    try:
        yield place
    finally:
        written = [file for file in place.parent.glob("*") if file.name.startswith(name) and file.suffix != ".partial"]
        new = [file.name for file in written if stamp_of(file) != before.get(file)]
        at_once(lambda name: _push(remote, place.with_name(name)), new)


def _push(remote: Remote, file: Path) -> None:
    try:
        remote.push(file, file.name)
    except UserError as error:
        raise UserError(f"{error.message}. It is in the mirror {file}, and the same command copies it there") from error
