"""The folder of a run that was given none: its name says what differs from other runs."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from fat_tf.errors import UserError

SHORT = {"WIDTH": "w", "EPOCHS": "e", "BATCH_SIZE": "b", "SEED": "s"}
LONGEST = 80  # characters before the time


@contextmanager
def run_folder(run_dir: str | None, gin_files: Sequence[str], gin_params: Sequence[str]) -> Iterator[str]:
    """The folder of a run: the given one, or a new one that no other start has.

    A new one that nothing was written to is removed again.

    Raises:
        UserError: it cannot be made.
    """
    if run_dir:
        yield run_dir
        return
    folder = _new(Path("runs"), f"{run_name(gin_files, gin_params)}-{time.strftime('%Y%m%d-%H%M%S')}")
    try:
        yield str(folder)
    finally:
        for empty in (folder, folder.parent):
            with suppress(OSError):  # it is in use
                empty.rmdir()


def _new(parent: Path, name: str) -> Path:
    """A folder of this name, or with a number behind it, that was not there before."""
    for number in count(1):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(parents=True)
            return folder
        except FileExistsError:
            continue
        except OSError as error:
            raise UserError(f"Run folder {folder}: {error.strerror}. Choose another one with --run_dir") from error


def run_name(gin_files: Sequence[str], gin_params: Sequence[str]) -> str:
    """The configuration in short: m3.gin, best5k.gin and WIDTH = 16 give m3-best5k-w16."""
    parts = [Path(file).stem for file in gin_files] + [_short(param) for param in gin_params]
    name = "-".join(filter(None, (re.sub(r"[^\w.=+-]+", "_", part).strip("_-") for part in parts)))
    return name[:LONGEST].rstrip("-_")


def _short(param: str) -> str:
    """A binding in few letters: w16 for WIDTH = 16, alpha=1.0 for MixUp.alpha = 1.0."""
    name, _, value = (part.strip() for part in param.partition("="))
    value = re.sub(r"\s+|['\"@()%]", "", value)
    return f"{SHORT[name]}{value}" if name in SHORT else f"{name.rsplit('.', 1)[-1]}={value}"
