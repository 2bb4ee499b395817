"""Folders that are worked on here and kept on a storage: fetched, changed, and copied back while the work goes on."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from fat_tf.errors import UserError
from fat_tf.notices import say, warn
from fat_tf.signals import terminated_by_exit
from fat_tf.storage.lease import Lease
from fat_tf.storage.mirror import fetch_state, marked_above, mirror_lock, read_base, set_aside, write_base
from fat_tf.storage.remote import Remote, Stamp, at_once
from fat_tf.storage.table import INCOMING, Table, read_table, stamps_below, write_table
from fat_tf.storage.urls import mirror_of

SHARE = 0.1  # of the time that copying back may take while the work goes on
TRIES = 3  # to copy files while other processes write them

_open: list["Work"] = []  # what this process works on


@contextmanager
def worked_on(url: str) -> Iterator[Path]:
    """The mirror of a folder while this process alone may change it; what it holds at the end is there too.

    Also after an error, Ctrl-C or SIGTERM. What could not be copied stays in the mirror, and the next call copies it.

    Raises:
        UserError: on entering, the storage cannot be reached or forbids writing, or another process works on it; at the
            end, it could not be copied there.
    """
    remote, below = marked_above(url)
    with Lease(remote) as lease, mirror_lock(mirror_of(remote.url)), terminated_by_exit():
        work = Work(remote, lease)
        _open.append(work)
        try:
            yield work.folder / below
        except BaseException:
            if work.try_to_push() and work.folder.is_dir():  # what ended the work is what is told last
                say(f"{url} has what was done, and so has the mirror {work.folder / below}")
            raise
        else:
            work.push()
            say(f"{url} has all of it, and so has the mirror {work.folder / below}")
        finally:
            _open.remove(work)


def keep(folder: str | Path) -> None:
    """Copy back what is in a folder now, where it is one that is worked on, or below it.

    For moments in which its files fit together. To be called as often as one likes: calls that would make copying take
    more than a tenth of the time do nothing.

    Raises:
        UserError: another process works on it now. Other reasons are warned of: the next call may do better.
    """
    for work in _open:
        if Path(folder).is_relative_to(work.folder) and work.is_due():
            work.try_to_push()


class TakenOverError(UserError):
    """Another process works on the folder now."""


class ChangingError(UserError):
    """Files changed all the time that they were copied, and so are of no state as a whole."""


class Work:
    """A remote folder, the lease on it, and its mirror here."""

    def __init__(self, remote: Remote, lease: Lease):
        self._remote, self._lease = remote, lease
        self.folder = mirror_of(remote.url)
        self._copied, self._took = time.monotonic(), 0.0
        self._there = self._finish(self._begin())

    def _begin(self) -> Table:
        """Bring the mirror to the state there, unless it is ahead of that; returns the state there."""
        base, there = read_base(self.folder), read_table(self._remote)
        if base is not None and base != there.files and stamps_below(self.folder) != base:
            aside = set_aside(self.folder)
            warn(
                f"{self._remote.url} went on elsewhere: what this machine had not copied there is in the mirror {aside}"
            )
        if base is None or base != there.files:
            fetch_state(self._remote, self.folder)
            write_base(self.folder, there.files)
        else:
            say(
                f"{self._remote.url}: going on from the mirror {self.folder}"
                if stamps_below(self.folder) != base
                else ""
            )
        return there

    def is_due(self) -> bool:
        """Whether copying would still take a small share of the time."""
        return time.monotonic() - self._copied > self._took / SHARE

    def try_to_push(self) -> bool:
        """Push, and return whether it could be done.

        What speaks against it is a warning, but for another process that took the folder over.
        """
        try:
            self.push()
            return True
        except TakenOverError:
            raise
        except ChangingError:  # the next call may find them at rest
            return False
        except UserError as error:
            warn(error.message)
            return False

    def push(self) -> None:
        """Have the state of the mirror count there.

        Raises:
            UserError: it could not be copied.
        """
        began, here = time.monotonic(), stamps_below(self.folder)
        if here == self._there.files:
            return
        try:
            self._write(here)
        except (TakenOverError, ChangingError):
            raise
        except UserError as error:
            raise UserError(
                f"{error.message}. All that is new in {self._remote.url} is in the mirror {self.folder}, and the same "
                "command copies it there"
            ) from error
        finally:
            self._copied = time.monotonic()
            self._took = self._copied - began

    def _write(self, here: dict[str, Stamp]) -> None:
        self._there = self._finish(self._there)
        here = self._pushed(here)
        changed = tuple(name for name in here if here[name] != self._there.files.get(name))
        outdated = tuple(self._there.files.keys() - here.keys())
        self._check_mine()
        table = Table(here, changed, outdated, is_marked=True)
        write_table(self._remote, table)
        self._there = table
        write_base(self.folder, here)
        self._there = self._finish(table)

    def _pushed(self, here: dict[str, Stamp]) -> dict[str, Stamp]:
        """Copy what is new below INCOMING; returns the files as they all were at one time, which a state is of."""
        sent: dict[str, Stamp] = {}
        for _ in range(TRIES):
            new = [name for name in here if here[name] not in (self._there.files.get(name), sent.get(name))]
            at_once(self._push_file, new, "Copying")
            sent |= {name: here[name] for name in new}
            if (now := stamps_below(self.folder)) == here:
                return here
            here = now
        raise ChangingError(f"{self.folder} is written to all the time: {self._remote.url} has an earlier state")

    def _push_file(self, name: str) -> None:
        """Copy a file, unless it was taken away meanwhile."""
        try:
            self._remote.push(self.folder / name, f"{INCOMING}/{name}")
        except UserError:
            if (self.folder / name).exists():
                raise

    def _finish(self, table: Table) -> Table:
        """Give files of a state that counts their own names, and delete what it has no more; returns the table then.

        Whether another process took over is asked before each step: this one may have been suspended for minutes.
        """
        if not table.incoming and not table.outdated:
            return table
        remote, finished = self._remote, replace(table, incoming=(), outdated=())
        self._check_mine()
        at_once(lambda name: remote.copy(f"{INCOMING}/{name}", name), table.incoming)
        self._check_mine()
        at_once(lambda name: remote.remove([name]), table.outdated)
        write_table(remote, finished)
        incoming = remote / INCOMING
        at_once(lambda name: incoming.remove([name]), incoming.stamps())
        return finished

    def _check_mine(self) -> None:
        if not self._lease.is_mine():
            raise TakenOverError(
                f"Another process took {self._remote.url} over, as this one was not heard of for minutes: it ends, "
                f"and what it has is in the mirror {self.folder}"
            )
