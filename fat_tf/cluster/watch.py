"""What is seen of folds that are trained elsewhere: a line an epoch, from the files that they write."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from fat_tf.runs.epoch_lines import WIDTHS, epoch_line, shown_columns
from fat_tf.runs.file_names import HISTORY, SCORER
from fat_tf.runs.follow import Row, history_rows
from fat_tf.runs.progress_file import ProgressNote
from fat_tf.runs.run_state import folds_with
from fat_tf.terminal import width_of
from fat_tf.training.progress import print_above_bars


class Watch:
    """Prints the epochs of all folds of some runs, and of their scorers, that are new since it was made.

    Args:
        runs: folder of each, by what it is called; "" for one that needs no name.
        epochs: that are to do in all, at most; None: not known.
        at_once: folds that are trained at a time.
        note: called with how far they are, if the epochs are known.
    """

    def __init__(
        self,
        runs: Mapping[str, Path],
        epochs: int | None = None,
        at_once: int = 1,
        note: Callable[[ProgressNote], None] = lambda _: None,
    ):
        self._runs, self._epochs, self._at_once, self._note = runs, epochs, at_once, note
        self._shown = {folder: len(history_rows(folder)) for _, folder in self._folds()}
        self._width = max(map(len, runs)) + len(" scorer 10 pretrain")
        self._seconds: list[float] = []  # of each epoch

    def _folds(self) -> Iterator[tuple[str, Path]]:
        """(name, folder) of the folds that have an epoch."""
        for name, run in self._runs.items():
            for part in (SCORER, ""):
                for number in folds_with(run / part, HISTORY):
                    yield f"{name} {part or 'fold'} {number}".strip(), run / part / f"fold_{number}"

    def look(self) -> None:
        """Print what is new."""
        for name, folder in self._folds():
            rows, shown = history_rows(folder), self._shown.get(folder, 0)
            self._shown[folder] = len(rows)
            for place in range(shown, len(rows)):
                self._tell(f"{name} {rows[place]['stage']}", rows[: place + 1])

    def _tell(self, name: str, rows: list[Row]) -> None:
        *before, row = rows
        room = width_of() - self._width - 1
        if not self._seconds:
            names = " ".join(f"{column:>{WIDTHS[column]}}" for column in shown_columns(room))
            print_above_bars(f"{'(* best so far)':<{self._width}} {names}")
        self._seconds.append(float(row["seconds"]))
        left = self._left()
        is_best = all(float(row["val_lwlrap"]) > float(earlier["val_lwlrap"]) for earlier in before)
        print_above_bars(f"{name:<{self._width}} {epoch_line(row, None, is_best, (None, left), room)}")
        if self._epochs is not None:
            self._note(ProgressNote(self._epochs - len(self._seconds), None, left, {}))

    def _left(self) -> float | None:
        """Seconds that all of it takes from now on, if that is known."""
        if self._epochs is None:
            return None
        each = sum(self._seconds) / len(self._seconds)
        return max(0, self._epochs - len(self._seconds)) * each / self._at_once
