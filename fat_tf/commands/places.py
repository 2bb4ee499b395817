"""Places that a command is given: looked at before TensorFlow is imported, which takes seconds."""

import csv
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from fat_tf.errors import UserError
from fat_tf.files import check_output

LONGEST_HEADER = 1_000_000  # characters


def check_data(data_dir: str | None) -> None:
    """Raise a UserError where the data set is not there; None is the built-in one."""
    if data_dir and not Path(data_dir).exists():
        raise UserError(f"Data folder {data_dir} does not exist: give the folder of your sounds with --data_dir")


def data_dir_of(run_dir: str) -> str | None:
    """The data set that a run was trained on; None for the built-in one."""
    from fat_tf.runs.run_labels import data_dir_of

    return data_dir_of(run_dir)


def as_corrected(run_dir: str) -> list[str]:
    """Bindings that read the data set with the labels that a run was trained with."""
    from fat_tf.runs.run_labels import corrections_of

    return corrected_by([file] if (file := corrections_of(run_dir)) else [])


def corrected_by(files: Sequence[str | Path]) -> list[str]:
    """Bindings that read the data set with these corrections, wherever a later command is called.

    Raises:
        UserError: there is no such file.
    """
    if lacking := next((file for file in files if not Path(file).is_file()), None):
        raise UserError(f"--corrections={lacking} is no file: name the CSV of corrected labels")
    return [f"read_dataset.corrections = {tuple(str(Path(file).absolute()) for file in files)}"] if files else []


def moved_to(audio: str | None) -> list[str]:
    """Bindings that read the data set with its sounds in another folder; none for None."""
    return [f"read_dataset.audio = {str(Path(audio).absolute())!r}"] if audio else []


def check_run(run_dir: str) -> None:
    """Raise a UserError where no run is."""
    from fat_tf.runs.labels import read_labels

    read_labels(Path(run_dir))


def check_manifest(run_dir: str) -> None:
    """Raise a UserError where what a run says of itself is damaged, or of a later version."""
    from fat_tf.runs.manifest import read_manifest

    read_manifest(Path(run_dir))


def check_replaced(output: Path, is_ours: Callable[[list[str]], bool]) -> None:
    """Raise a UserError where a table cannot be written, or another file than one of this command would be lost.

    Args:
        is_ours: whether a table with these columns is one that the command writes.
    """
    from fat_tf.runs.found import is_run
    from fat_tf.runs.score_table import OUT_OF_FOLD, TEST

    check_output(output)
    if not output.is_file() or not output.stat().st_size:
        return
    with open(output, encoding="utf-8-sig", errors="replace", newline="") as opened:
        header = opened.readline(LONGEST_HEADER).rstrip("\r\n")
    of_run = output.name in (OUT_OF_FOLD, TEST) and is_run(output.parent)
    if of_run or not is_ours(_cells(header)):
        raise UserError(f"{output} is another table, which would be lost: give another --output, or delete it first")


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def are_scores(header: list[str]) -> bool:
    """Whether a table with these columns has scores: of each class, or of the top ones, as predict writes them."""
    is_long = header == ["fname", "label", "score", "rank"]
    return is_long or ("fname" in header and len(header) > 1 and not {"labels", "label", "fold"} & set(header))


def say_loading() -> None:
    """Tell a person at a terminal what the next seconds go into; files and pipes get nothing of it."""
    if sys.stderr.isatty():
        print("Loading TensorFlow …", file=sys.stderr, flush=True)
