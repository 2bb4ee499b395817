"""What a folder on a storage holds as a whole: the table that is written last, and counts from then on.

There is no rename on an object store, and no way to change several objects at once. So changed files are first written
below INCOMING. Then the table is written, one object, which names all files as they are now and those that still lie
below INCOMING: this is the moment when the new state counts. Then they are copied to their own names. A reader that
follows the table always has one state, wherever the writer was stopped; a folder without a table is one that something
else wrote, or whose first state never became whole.
"""

import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from fat_tf.storage.remote import Remote, Stamp

TABLE, INCOMING = ".complete.json", ".incoming"


@dataclass(frozen=True)
class Table:
    """Files of a folder with their stamps.

    incoming: those whose contents lie below INCOMING. outdated: names to be deleted. is_marked: whether a table was
    written, and not made from what is there.
    """

    files: dict[str, Stamp] = field(default_factory=dict)
    incoming: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()
    is_marked: bool = False

    def source_of(self, name: str) -> str:
        """Where the contents of a file lie."""
        return f"{INCOMING}/{name}" if name in self.incoming else name


def read_table(remote: Remote) -> Table:
    """The table of a folder; a listing where there is none."""
    said = remote.read(TABLE)
    if said is None:
        return Table(remote.stamps())
    return Table(_stamps(said["files"]), tuple(said["incoming"]), tuple(said["outdated"]), is_marked=True)


def write_table(remote: Remote, table: Table) -> None:
    """Have a state count."""
    remote.write(TABLE, {"files": table.files, "incoming": table.incoming, "outdated": table.outdated})


def has_table(remote: Remote) -> bool:
    """Whether a whole state was ever written."""
    return remote.read(TABLE) is not None


def stamps_below(folder: Path) -> dict[str, Stamp]:
    """The files of a local folder, but for hidden ones; what other processes take away meanwhile is passed over."""
    stamps = {}
    for place, _, names in os.walk(folder):
        for file in (Path(place, name) for name in names):
            name = file.relative_to(folder).as_posix()
            if not _is_hidden(name):
                with suppress(FileNotFoundError):
                    stat = file.stat()
                    stamps[name] = (stat.st_size, stat.st_mtime_ns)
    return stamps


def _is_hidden(name: str) -> bool:
    return any(part[0] == "." for part in name.split("/"))


def _stamps(said: dict[str, list[int]]) -> dict[str, Stamp]:
    return {name: (size, changed) for name, (size, changed) in said.items()}
