"""What state a run is in."""

import fcntl
from pathlib import Path

from fat_tf.runs.file_names import LOCK, METRICS, MODEL, SCORES, STATE, STOPPED

RUNNING, FINISHED, INTERRUPTED, DAMAGED, OTHER = "running", "finished", "interrupted", "damaged", "other version"
STOPPED_EARLY = "stopped early"


def is_locked(run: Path) -> bool:
    """Whether a process works on a run. The lock is shared for an instant, which keeps no other reader out."""
    try:
        with open(run / LOCK, "rb") as opened:
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    except OSError:  # no lock, or not ours to read
        return False


def folds_with(run: Path, name: str) -> list[int]:
    """Numbers of the folds that have a file or folder of this name."""
    numbers = (place.parent.name.removeprefix("fold_") for place in run.glob(f"fold_*/{name}"))
    return sorted(int(number) for number in numbers if number.isdecimal())


def unlocked_state(run: Path) -> str:
    """Of a run that no process works on."""
    if is_done(run):
        return FINISHED
    return STOPPED_EARLY if folds_with(run, STOPPED) else INTERRUPTED


def is_done(run: Path) -> bool:
    """Whether all folds that were begun are scored, and the results written."""
    begun = {*folds_with(run, MODEL), *folds_with(run, STATE)}
    left = begun - set(folds_with(run, SCORES)) or folds_with(run, STATE)
    return (run / METRICS).is_file() and not left
