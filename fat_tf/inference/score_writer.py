"""Scores to a CSV, row by row; it gets its name when it is whole, and what is there already is not computed again."""

import csv
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

import numpy as np

from fat_tf.errors import UserError
from fat_tf.inference.clip_list import Clip


class ScoreWriter:
    """A CSV of scores that grows.

    It is `NAME.SETTINGS.partial` until everything is in it. The submission's format, fname and a column a class, or,
    with `top`, the long format: fname, label, score, rank of the classes with the highest scores.

    Args:
        file: final name.
        vocabulary: class of each score.
        settings: short text that differs for scores that must not stand in one file.
        top: classes a clip in the long format; None for the other one.
        resume: keep what an earlier call with the same settings has written.

    Raises:
        UserError: the file cannot be written.
    """

    def __init__(self, file: Path, vocabulary: Sequence[str], settings: str, top: int | None, resume: bool):
        self._file, self._vocabulary = file, vocabulary
        self._top = min(top, len(vocabulary)) if top else None
        self.partial = file.with_name(f"{file.name}.{settings}.partial")
        self.done: list[str] = []
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if file.is_dir():
                raise IsADirectoryError(0, "it is a folder")
            self._out = self._opened(resume)
        except OSError as error:
            raise self._cannot_write(error) from error
        self._csv = csv.writer(self._out, lineterminator="\n")

    def _opened(self, resume: bool) -> TextIO:
        """The unfinished file after its header and what is kept of it."""
        header = ["fname", "label", "score", "rank"] if self._top else ["fname", *self._vocabulary]
        kept = _kept(self.partial, header, self._top or 1) if resume else None
        if kept is None:
            with open(self.partial, "w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerow(header)
        self.done = kept or []
        return open(self.partial, "a", encoding="utf-8", newline="")

    def write(self, fname: str, scores: np.ndarray) -> None:
        """Add a clip's scores (classes,)."""
        try:
            self._csv.writerows(self._rows(fname, scores))
            self._out.flush()
        except OSError as error:
            raise self._cannot_write(error) from error

    def _rows(self, fname: str, scores: np.ndarray) -> list[list[object]]:
        if self._top is None:
            return [[fname, *scores.tolist()]]
        order = np.argsort(-scores, kind="stable")[: self._top]
        return [[fname, self._vocabulary[k], float(scores[k]), rank] for rank, k in enumerate(order, start=1)]

    def _cannot_write(self, error: OSError) -> UserError:
        kept = f"; what was computed is kept in {self.partial}: go on with --resume" if self.partial.exists() else ""
        return UserError(f"Cannot write {self._file}: {error.strerror or error}{kept}")

    def __enter__(self) -> "ScoreWriter":
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        try:
            self._out.close()
            if kind is None:
                os.replace(self.partial, self._file)
        except OSError as error:
            if kind is None:
                raise self._cannot_write(error) from error


def _kept(partial: Path, header: list[str], rows: int) -> list[str] | None:
    """Names of the clips in an unfinished file, of `rows` rows each; what follows the last whole one is cut off."""
    if not partial.exists():
        return None
    with open(partial, "rb+") as file:
        whole = [line for line in file.readlines() if line.endswith(b"\n")]
        if not whole or _fields(whole[:1])[0] != header:
            return None
        kept = whole[: 1 + (len(whole) - 1) // rows * rows]
        file.truncate(sum(map(len, kept)))
    return [row[0] for row in _fields(kept[1::rows])]


def _fields(lines: list[bytes]) -> list[list[str]]:
    return list(csv.reader(line.decode() for line in lines))


def not_done(clips: Sequence[Clip], done: Sequence[str]) -> list[Clip]:
    """The clips that have no row yet; a name that is there twice needs two."""
    rows = Counter(done)
    left = []
    for clip in clips:
        if rows[clip.fname]:
            rows[clip.fname] -= 1
        else:
            left.append(clip)
    return left
