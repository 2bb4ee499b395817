"""Who works on a folder of a storage: a lock of files does not hold there, a lease that lapses does.

It is an object beside the files with its owner's name, created only if there is none, which S3 (`If-None-Match`),
Google Cloud Storage and fsspec's own file systems decide themselves. Its owner writes it anew every minute. One that
was not for five minutes, by the clock of the storage, is of a machine that is gone, and the next one takes it; so is
one of a process of this machine that is no more. The owner looks whether it still has it before a state counts: of two
that took a lapsed lease in the same instant one ends there, with its work in its mirror. On a storage that cannot
create without overwriting it does not hold against two that start in the same second.
"""

import os
import platform
import threading
import uuid
from contextlib import suppress
from pathlib import Path

from fat_tf.errors import UserError
from fat_tf.storage.remote import Remote

LEASE = ".lease.json"
RENEWED, LAPSES = 60, 300  # seconds
NOBODY = {"owner": "", "host": "another machine", "machine": "", "process": "unknown"}


class Lease:
    """The right to change a remote folder.

    Raises:
        UserError: on entering, another process has it, or the storage forbids writing.
    """

    def __init__(self, remote: Remote):
        self._remote = remote
        self._me = {"owner": uuid.uuid4().hex, "host": platform.node(), "machine": _machine(), "process": os.getpid()}
        self._ends = threading.Event()

    def __enter__(self) -> "Lease":
        now = self._remote.now()
        if not self._remote.create(LEASE, self._me):
            self._take(now)
        threading.Thread(target=self._renew, daemon=True).start()
        return self

    def _take(self, now) -> None:
        theirs = self._owner()
        silent = (now - self._remote.written(LEASE)).total_seconds() if theirs else LAPSES
        if silent < LAPSES and (theirs == NOBODY or not _is_gone(theirs)):
            raise UserError(
                f"Process {theirs['process']} on {theirs['host']} works on {self._remote.url} and was heard of "
                f"{max(0, silent):.0f} s ago: wait, or give another place. If it is gone, this is free "
                f"{LAPSES // 60} minutes after that"
            )
        self._remote.remove([LEASE])
        if not self._remote.create(LEASE, self._me):
            raise UserError(
                f"Another process has just begun to work on {self._remote.url}: wait, or give another place"
            )

    def is_mine(self) -> bool:
        """Whether no other process took it."""
        return (self._owner() or {}).get("owner") == self._me["owner"]

    def _owner(self) -> dict | None:
        """Whose it is; of one that was cut short while it was written only its age is known."""
        try:
            return self._remote.read(LEASE)
        except UserError as error:
            if isinstance(error.__cause__, ValueError):
                return NOBODY
            raise

    def _renew(self) -> None:
        while not self._ends.wait(RENEWED):
            with suppress(UserError):  # the network may be back in a minute
                if self.is_mine():
                    self._remote.write(LEASE, self._me)

    def __exit__(self, *_) -> None:
        self._ends.set()
        with suppress(UserError):  # it lapses
            if self.is_mine():
                self._remote.remove([LEASE])


def _machine() -> str:
    """What is the same for processes that see each other: containers may share a name."""
    with suppress(OSError):
        return (
            f"{Path('/proc/sys/kernel/random/boot_id').read_text('utf-8').strip()} {os.readlink('/proc/self/ns/pid')}"
        )
    return platform.node()


def _is_gone(theirs: dict) -> bool:
    """Whether the owner was a process of this machine, and is no more."""
    if theirs["machine"] != _machine():
        return False
    try:
        os.kill(theirs["process"], 0)
    except OSError as error:  # that of another user may not be sent a signal, and is there
        return isinstance(error, ProcessLookupError)
    return False
