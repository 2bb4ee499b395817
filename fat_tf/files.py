"""Files and folders that are whole or not there, also after a power cut."""

import errno
import os
import re
import shutil
import tempfile
import uuid
import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import numpy as np

from fat_tf.errors import UserError

FULL = (errno.ENOSPC, errno.EDQUOT)
NOT_PLAIN = re.compile(r"[][*?{}\\]|[^\x00-\uD7FF\uE000-\U0010FFFF]")  # a pattern to TensorFlow, or not UTF-8


@contextmanager
def written_whole(place: Path) -> Iterator[Path]:
    """A hidden name beside a file or new folder to write to, which becomes `place`; on failure nothing is left.

    A link stays one: what it leads to is written.

    What was written is on the disk before it gets its name: a power cut leaves the file of before, or this one.

    Raises:
        UserError: what the operating system has against it, and what is free on a full disk.
    """
    place = Path(os.path.realpath(place)) if place.is_symlink() else place
    unfinished = place.with_name(f".{uuid.uuid4().hex[:8]}.{place.name}")  # process numbers repeat in containers
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        for written in [*unfinished.rglob("*"), unfinished]:
            _to_disk(written)
        os.replace(unfinished, place)
        _to_disk(place.parent)
    except OSError as error:
        raise UserError(f"Cannot write {place}: {_reason(error, place)}") from error
    finally:
        if unfinished.is_dir():
            shutil.rmtree(unfinished, ignore_errors=True)
        with suppress(OSError):  # what went wrong above is what is told
            unfinished.unlink()


def _to_disk(place: Path) -> None:
    """Have the operating system write a file, or the names in a folder, out of its memory."""
    handle = os.open(place, os.O_RDONLY)
    try:
        with suppress(OSError) if place.is_dir() else nullcontext():  # some file systems cannot do that with a folder
            os.fsync(handle)
    finally:
        os.close(handle)


def _reason(error: OSError, file: Path) -> str:
    above = next(folder for folder in file.absolute().parents if folder.exists())
    if not above.is_dir():
        return f"{above} is a file, no folder"
    free = shutil.disk_usage(above).free
    return f"{error.strerror or error}{f' ({free / 1e9:.1f} GB free)' if error.errno in FULL else ''}"


def check_output(file: Path) -> None:
    """Look whether a file can be written, before what is to be in it is computed.

    Raises:
        UserError: it is a folder, a device or a pipe, or its folder is a file or cannot be written to.
    """
    file = Path(os.path.realpath(file)) if file.is_symlink() else file
    if file.is_dir():
        raise UserError(f"Cannot write {file}: it is a folder, give a file in it")
    if file.exists() and not file.is_file():
        raise UserError(f"Cannot write {file}: it is a device or a pipe, give a file")
    above = next(folder for folder in file.absolute().parents if folder.exists())
    if not above.is_dir():
        raise UserError(f"Cannot write {file}: {above} is a file, no folder")
    if not os.access(above, os.W_OK):
        raise UserError(f"Cannot write {file}: {above} forbids it")


def write_text(file: Path, text: str) -> None:
    """Write a text, whole, in UTF-8 and with its line ends as they are; bytes of a path that are none as in JSON."""
    with written_whole(file) as unfinished:
        unfinished.write_text(text, "utf-8", "backslashreplace", newline="")


def read_text(file: Path) -> str:
    """The text of a file, with its line ends as they are.

    Raises:
        UserError: it cannot be read, or is not in UTF-8.
    """
    try:
        with open(file, encoding="utf-8", newline="") as opened:
            return opened.read()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def write_arrays(file: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays as an .npz, whole (np.savez prints a traceback of its own after a full disk's error)."""
    with written_whole(file) as unfinished, zipfile.ZipFile(unfinished, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(array), allow_pickle=False)


def read_arrays(
    file: Path, remedy: str, names: Collection[str] | None = None, optional: Collection[str] = ()
) -> dict[str, np.ndarray]:
    """The arrays of an .npz, or those of these names, and of the optional ones those that are there.

    Raises:
        UserError: it is cut or damaged; ends with the remedy.
    """
    try:
        with np.load(file) as saved:
            there = [name for name in optional if name in saved.files]
            return {name: saved[name] for name in (saved.files if names is None else [*names, *there])}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise UserError(f"{file} is damaged ({error}): {remedy}") from error


@contextmanager
def plain_path(folder: Path) -> Iterator[str]:
    """A path to a folder that TensorFlow takes: where its own name is none, that of a temporary link to it.

    TensorFlow looks for a model's variables by a pattern, in which [1] stands for 1.
    """
    if not NOT_PLAIN.search(str(folder)):
        yield str(folder)
        return
    with tempfile.TemporaryDirectory() as scratch:
        link = Path(scratch) / "link"
        link.symlink_to(folder.absolute(), target_is_directory=True)
        yield str(link)


def size_of(folder: Path) -> int:
    """Bytes of all files below; those that go away meanwhile count nothing."""
    total = 0
    for below, _, files in os.walk(folder):
        for file in files:
            try:
                total += os.lstat(os.path.join(below, file)).st_size
            except OSError:
                continue
    return total
