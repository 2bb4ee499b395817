"""The folder of a run."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
from filelock import FileLock, Timeout

from fat_tf import config
from fat_tf.errors import UserError
from fat_tf.files import write_text
from fat_tf.runs.environment import environment
from fat_tf.runs.labels import LABELS, labels_csv

ENVIRONMENT, STATE, SCORES = "environment.json", "state/state.npz", "scores.npz"
MODEL = "model.keras"


class RunDirectory:
    """Files of one run; each is written whole or not at all.

    Args:
        folder: made if missing.

    Raises:
        UserError: the folder cannot be made, or holds something else.
    """

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"Run folder {folder}: {error.strerror}. Choose another one with --run_dir") from error

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other processes out of the folder.

        Raises:
            UserError: one is in it.
        """
        lock = FileLock(self.folder / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise UserError(
                f"Another process works on {self.folder}: wait for it, or give another --run_dir"
            ) from error
        try:
            yield
        finally:
            lock.release()

    def scored_folds(self) -> list[int]:
        """Numbers of the folds that are trained and scored, by this or an earlier call."""
        return sorted(int(file.parent.name.removeprefix("fold_")) for file in self.folder.glob(f"fold_*/{SCORES}"))

    def begin(self) -> None:
        """Write the configuration, or check that it is the one that folds were trained with.

        Raises:
            UserError: the folder holds something else, or folds of another configuration.
        """
        if any(file.name != ".lock" for file in self.folder.iterdir()) and not (self.folder / ENVIRONMENT).exists():
            raise UserError(f"{self.folder} holds something else than a run: choose another --run_dir")
        self.write(ENVIRONMENT, json.dumps(environment(), indent=1) + "\n")
        self._same_or_write("config.gin", config.parsed(), "another configuration")

    def check_or_write_clips(
        self, vocabulary: tuple[str, ...], fnames: pd.Series, folds: np.ndarray, given: pd.Series
    ) -> None:
        """Write classes and folds, or check that they are those the folder was begun with.

        Raises:
            UserError: other classes, other clips or other folds.
        """
        table = pd.DataFrame({"fname": fnames, "fold": folds})
        if given.notna().all():
            table["given"] = given
        self._same_or_write(LABELS, labels_csv(vocabulary), "other classes")
        self._same_or_write("folds.csv", _csv(table), "other clips or folds")

    def _same_or_write(self, name: str, text: str, otherwise: str) -> None:
        file = self.folder / name
        if not file.exists() or not any(self.folder.glob(f"fold_*/{STATE}")):
            self.write(name, text)
        elif (there := file.read_text()) != text:
            was, now = _first_difference(there, text)
            raise UserError(
                f"{self.folder} is the run of {otherwise}: {name} has {was!r}, this one {now!r}. "
                "Give another --run_dir, or the configuration and data that it was begun with"
            )

    def fold(self, number: int) -> Path:
        """The folder of a fold."""
        return self.folder / f"fold_{number}"

    def write(self, name: str, text: str) -> None:
        """Write a text file under its name when it is whole."""
        write_text(self.folder / name, text)


def _csv(table: pd.DataFrame) -> str:
    return table.to_csv(index=False)


def _first_difference(there: str, text: str) -> tuple[str, str]:
    """The first lines that differ."""
    a, b = there.splitlines(), text.splitlines()
    longest = max(len(a), len(b))
    pairs = zip(a + ["nothing"] * (longest - len(a)), b + ["nothing"] * (longest - len(b)), strict=True)
    return next((pair for pair in pairs if pair[0] != pair[1]), ("", ""))
