"""Copies of what lies on a storage, in the local folder that mirrors it."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from fat_tf.errors import UserError, counted
from fat_tf.files import read_text, write_text
from fat_tf.home import CACHE
from fat_tf.notices import say, warn
from fat_tf.storage.remote import Remote, Stamp, at_once
from fat_tf.storage.table import INCOMING, Table, has_table, read_table, stamps_below
from fat_tf.storage.urls import mirror_of
from fat_tf.terminal import size

TRIES = 3  # while another machine goes on writing


def fetch(url: str) -> Path:
    """The mirror of a file or folder, up to date: what is missing or was changed is fetched, what is gone removed.

    A call that was cut short left whole files, which the next one does not fetch again. A mirror that a process works
    in has the latest, and is taken as it is.

    Raises:
        UserError: nothing is there, it cannot be reached, or the disk here is too small.
    """
    remote, place = Remote(url), mirror_of(url)
    if remote.is_file():
        _fetch_missing(remote.parent, Table({place.name: remote.parent.stamp(place.name)}), place.parent)
        return place
    try:
        with mirror_lock(place, timeout=0):
            return _fetch_folder(remote, place)
    except Timeout:
        return place


def _fetch_folder(remote: Remote, place: Path) -> Path:
    if (base := read_base(place)) is not None and stamps_below(place) != base:
        warn(
            f"{remote.url} lacks what the mirror {place} has, which is taken. The command that wrote it copies it there"
        )
        return place
    above, below = marked_above(remote.url)
    table = fetch_state(above, place, f"{below}/" if below else "")
    if not table.files:
        raise UserError(_nothing(remote))
    if base is not None:
        write_base(place, table.files)
    return place


def mirror_lock(folder: Path, timeout: float = -1) -> FileLock:
    """Of who changes a mirror, by work or by fetching; `timeout`: seconds to wait for another one, -1 for ever."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(folder.with_name(f".{folder.name}.lock"), timeout)


def _nothing(remote: Remote) -> str:
    if (remote / INCOMING).stamps():
        return f"{remote.url} is unfinished, nothing in it was ever whole: start the command that writes it again"
    return f"{remote.url} is not there, or holds no files: mend the URL"


def marked_above(url: str) -> tuple[Remote, str]:
    """The folder whose table a folder is in, and its name below that one; itself where there is none."""
    above, below = url.rstrip("/"), []
    while not above.endswith(":"):
        with suppress(UserError):  # credentials may end at a folder
            if has_table(Remote(above)):
                return Remote(above), "/".join(below)
        above, _, name = above.rpartition("/")
        above, below = above.rstrip("/"), [name, *below]
    return Remote(url), ""


def fetch_state(remote: Remote, folder: Path, below: str = "") -> Table:
    """Bring a local folder to the state of the remote one, or of the part with names that begin with `below`.

    Returns:
        That state, the names without `below`.

    Raises:
        UserError: it cannot be reached, or changes all the time.
    """
    for _ in range(TRIES):
        table = read_table(remote)
        with _unless_it_changed(remote, table):
            _fetch_missing(remote, table, folder, below)
            if not table.is_marked or read_table(remote) == table:
                return _as_in(table, folder, below)
    raise UserError(f"{remote.url} is written to all the time: try again later")


@contextmanager
def _unless_it_changed(remote: Remote, table: Table) -> Iterator[None]:
    """Pass over what went wrong because of that."""
    try:
        yield
    except UserError:
        if not table.is_marked or read_table(remote) == table:
            raise


def _as_in(table: Table, folder: Path, below: str) -> Table:
    """Remove what is not in a state; returns the state of the folder."""
    files = {name.removeprefix(below): stamp for name, stamp in table.files.items() if name.startswith(below)}
    for name in stamps_below(folder).keys() - files.keys():
        (folder / name).unlink(missing_ok=True)
    return Table(files, is_marked=table.is_marked)


def _fetch_missing(remote: Remote, table: Table, folder: Path, below: str = "") -> None:
    wanted = {name: stamp for name, stamp in table.files.items() if name.startswith(below)}
    places = {name: folder / name.removeprefix(below) for name in wanted}
    missing = [name for name, stamp in wanted.items() if stamp_of(places[name]) != stamp]
    if not missing:
        return
    wanted_bytes = sum(wanted[name][0] for name in missing)
    _check_space(remote.url, folder, wanted_bytes)
    say(f"Fetching {counted(len(missing), 'file')}, {size(wanted_bytes)}, of {remote.url}")
    at_once(lambda name: remote.fetch(table.source_of(name), places[name], wanted[name]), missing, "Fetching")


def stamp_of(place: Path) -> Stamp | None:
    """Of a local file; None where there is none."""
    try:
        stat = place.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns


def _check_space(url: str, folder: Path, wanted: int) -> None:
    there = next(place for place in folder.parents if place.is_dir())
    if wanted > (free := shutil.disk_usage(there).free):
        raise UserError(
            f"{url} has {size(wanted)} that are not here yet, and {there} has {size(free)} free: make room, or name "
            f"a folder on a larger disk in {CACHE}"
        )


def read_base(folder: Path) -> Mapping[str, Stamp] | None:
    """Of a mirror that was worked on: the remote state that it came from, or became; None for others."""
    if not folder.is_dir() or not _base_of(folder).is_file():
        return None
    return {name: tuple(stamp) for name, stamp in json.loads(read_text(_base_of(folder))).items()}


def write_base(folder: Path, files: Mapping[str, Stamp]) -> None:
    """Note that a mirror and the remote folder are of one state, but for what is written from now on."""
    folder.mkdir(parents=True, exist_ok=True)
    write_text(_base_of(folder), json.dumps(files))


def _base_of(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.json")


def set_aside(folder: Path) -> Path:
    """Give a mirror another name, so that nothing of it is lost; returns that."""
    aside = next(place for n in range(1, 10**6) if not (place := folder.with_name(f"{folder.name}.aside-{n}")).exists())
    os.replace(folder, aside)
    return aside
