"""Files that are whole or not there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fat_tf.errors import UserError


@contextmanager
def written_whole(file: Path) -> Iterator[Path]:
    """A hidden name beside `file` to write to, which becomes `file` at the end; on failure nothing is left.

    Raises:
        UserError: what the operating system has against it, and the free space.
    """
    unfinished = file.with_name(f".{os.getpid()}.{file.name}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        os.replace(unfinished, file)
    except OSError as error:
        raise UserError(f"Cannot write {file}: {error.strerror or error}{_free(file)}") from error
    finally:
        with suppress(OSError):  # what went wrong above is what is told
            unfinished.unlink()


@contextmanager
def folder_written_whole(folder: Path) -> Iterator[Path]:
    """A hidden folder beside `folder` to fill, which becomes `folder` at the end; on failure nothing is left.

    Raises:
        UserError: what the operating system has against it, and the free space.
    """
    unfinished = folder.with_name(f".{os.getpid()}.{folder.name}")
    try:
        unfinished.mkdir(parents=True)
        yield unfinished
        os.rename(unfinished, folder)
    except OSError as error:
        raise UserError(f"Cannot write {folder}: {error.strerror or error}{_free(folder)}") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _free(file: Path) -> str:
    there = next((folder for folder in file.absolute().parents if folder.is_dir()), None)
    return f" ({shutil.disk_usage(there).free / 1e9:.1f} GB free)" if there else ""


def write_text(file: Path, text: str) -> None:
    """Write a text, whole."""
    with written_whole(file) as unfinished:
        unfinished.write_text(text)
