"""One run live: a line an epoch, and a bar over all epochs with the time left, as the run's own terminal shows them."""

import csv
import io
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from fat_tf.errors import UserError, listed
from fat_tf.files import read_text
from fat_tf.notices import progress_bar
from fat_tf.runs.epoch_lines import epoch_line, heading
from fat_tf.runs.file_names import COLUMNS, HISTORY, SCORER
from fat_tf.runs.overview import overview
from fat_tf.runs.progress_file import ProgressNote, read_progress
from fat_tf.runs.run_state import folds_with, is_locked
from fat_tf.terminal import clock, width_of

POLL = 1.0  # seconds between two looks
BEFORE = 10  # epochs before the first look that are shown
BAR = "{desc} |{bar}| {n_fmt}/{total_fmt}{postfix}"

Row = dict[str, str]


def running_one(runs: Sequence[Path], place: str) -> Path:
    """The run that a process works on; of a single run it does not matter.

    Raises:
        UserError: there is none, or several.
    """
    running = [run for run in runs if is_locked(run)] if len(runs) > 1 else list(runs)
    if not running:
        raise UserError(f"No run below {place} is being trained now")
    if len(running) > 1:
        raise UserError(f"Several runs are being trained: {listed(running)}. Name the one to follow")
    return running[0]


def follow(run: Path) -> None:
    """Show a run until no process works on it any more; then how it ended."""
    with progress_bar(bar_format=BAR, leave=False, delay=POLL) as bar:
        view = LiveView(run, bar)
        while is_locked(run):
            view.look()
            time.sleep(POLL)
        view.look()
    print(_end(run), flush=True)


class LiveView:
    """What is new of a run, or of its scorer while that is trained: its lines above, and the state of the bar.

    Args:
        run: folder of the run.
        bar: over its epochs.
    """

    def __init__(self, run: Path, bar: tqdm):
        self._run, self._bar = run, bar
        self._shown: dict[Path, int] = {}  # epochs by folder of the fold
        self._heading = ""
        part = self._part()
        folds = _folds(part)
        for fold in folds:
            self._shown[fold] = len(history_rows(fold)) - BEFORE * (fold == folds[-1])

    def _part(self) -> Path:
        return self._run / SCORER if is_locked(self._run / SCORER) else self._run

    def look(self) -> None:
        """Print epochs that are new, and move the bar."""
        part = self._part()
        note, folds = read_progress(part), _folds(part)
        for fold in folds:
            self._tell(fold, note)
        sys.stdout.flush()
        values = [float(row["val_lwlrap"]) for fold in folds for row in history_rows(fold)]
        left = [f"{clock(note.of_run)} left"] if note and note.of_run is not None else []
        told = [f"best {max(values):.3f}", f"last {values[-1]:.3f}"] if values else []
        self._bar.desc = "Scorer" if part != self._run else "Epochs" if values or note else "Before training"
        self._bar.n, self._bar.total = len(values), len(values) + note.epochs_left if note else None
        self._bar.set_postfix_str(", ".join([*left, *told]))

    def _tell(self, fold: Path, note: ProgressNote | None) -> None:
        rows, width = history_rows(fold), width_of()
        first = max(0, self._shown.get(fold, 0))
        self._shown[fold] = len(rows)
        for place, row in enumerate(rows[first:], start=first):
            above = heading(int(fold.name.removeprefix("fold_")), row["stage"], width)
            if above != self._heading:
                self._heading = above
                tqdm.write(above)
            is_best = all(float(row["val_lwlrap"]) > float(earlier["val_lwlrap"]) for earlier in rows[:place])
            left = (note.of_fold, note.of_run) if note and place == len(rows) - 1 else (None, None)
            epochs = note.epochs.get(row["stage"]) if note else None
            tqdm.write(epoch_line(row, epochs, is_best, left, width))


def _folds(part: Path) -> list[Path]:
    """Folders of the folds that have epochs; the one that goes on last."""
    folds = [part / f"fold_{number}" for number in folds_with(part, HISTORY)]
    return sorted(folds, key=lambda fold: (fold / HISTORY).stat().st_mtime)


def history_rows(fold: Path) -> list[Row]:
    """history.csv of a fold as it is written."""
    rows = list(csv.DictReader(io.StringIO(read_text(fold / HISTORY))))
    if rows and not {*COLUMNS} <= rows[0].keys():
        raise UserError(f"{fold / HISTORY} is damaged: delete {fold}, and train it again")
    return rows


def _end(run: Path) -> str:
    said = overview(run)
    if not said.results:
        remedy = "To go on, repeat the command that trained it, with the same --run_dir"
        return f"{run} is {said.state}. {said.problem or remedy}"
    parts = {"out of fold": said.results.out_of_fold, "on the test clips": said.results.test}
    figures = [f"lwlrap {part} {where}" for where, part in parts.items() if part]
    return f"{run} is {said.state}: {', '.join(figures)}"
