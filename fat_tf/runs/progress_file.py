"""progress.json: how far the training of a run is, for those who follow it; gone when its folds are done."""

import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from fat_tf.errors import UserError
from fat_tf.files import read_text, write_text
from fat_tf.runs.file_names import PROGRESS
from fat_tf.storage.work import keep


@dataclass
class ProgressNote:
    """Of the folds that a call trains.

    epochs_left: still to do in all of them, at most. of_fold, of_run: seconds left of the fold that is trained and of
    the run, None until they can be told. epochs: of each stage that was reached, at most.
    """

    epochs_left: int
    of_fold: float | None
    of_run: float | None
    epochs: dict[str, int]


def write_progress(run: Path, note: ProgressNote) -> None:
    """Write the file, whole."""
    write_text(run / PROGRESS, json.dumps(asdict(note)) + "\n")
    keep(run)


def read_progress(run: Path) -> ProgressNote | None:
    """What it says, its seconds as they are now; None where training has not begun, or is over."""
    try:
        note = ProgressNote(**json.loads(read_text(run / PROGRESS)))
        age = time.time() - (run / PROGRESS).stat().st_mtime
    except (UserError, ValueError, TypeError, OSError):
        return None
    of_fold, of_run = (None if left is None else max(0.0, left - age) for left in (note.of_fold, note.of_run))
    return replace(note, of_fold=of_fold, of_run=of_run)


def remove_progress(run: Path) -> None:
    """All folds are done."""
    (run / PROGRESS).unlink(missing_ok=True)
