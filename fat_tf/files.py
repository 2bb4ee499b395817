"""Files that are whole or not there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fat_tf.errors import UserError


@contextmanager
def written_whole(place: Path) -> Iterator[Path]:
    """A hidden name beside a file or new folder to write to, which becomes `place`; on failure nothing is left.

    Raises:
        UserError: what the operating system has against it, and the free space.
    """
    unfinished = place.with_name(f".{os.getpid()}.{place.name}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        os.replace(unfinished, place)
    except OSError as error:
        raise UserError(f"Cannot write {place}: {error.strerror or error}{_free(place)}") from error
    finally:
        if unfinished.is_dir():
            shutil.rmtree(unfinished, ignore_errors=True)
        with suppress(OSError):  # what went wrong above is what is told
            unfinished.unlink()


def _free(file: Path) -> str:
    there = next((folder for folder in file.absolute().parents if folder.is_dir()), None)
    return f" ({shutil.disk_usage(there).free / 1e9:.1f} GB free)" if there else ""


def write_text(file: Path, text: str) -> None:
    """Write a text, whole."""
    with written_whole(file) as unfinished:
        unfinished.write_text(text)
