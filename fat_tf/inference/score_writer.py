"""Scores to a CSV, row by row; it gets its name when it is whole, and what is there already is not computed again."""

import csv
import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TextIO

import numpy as np
from filelock import FileLock, Timeout

from fat_tf.data.csv_text import csv_line
from fat_tf.errors import UserError
from fat_tf.files import written_whole
from fat_tf.inference.clip_list import Clip

KEY = "key"  # first column of an unfinished file


class ScoreWriter:
    """A CSV of scores that grows; other processes cannot write it meanwhile.

    It is `NAME.SETTINGS.partial`, with a column more that says which file a row is of, until everything is in it. The
    submission's format, fname and a column a class, or, with `top`, the long format: fname, label, score, rank of the
    classes with the highest scores. Scores have 7 significant digits.

    Args:
        file: final name.
        vocabulary: class of each score.
        settings: short text that differs for scores that must not stand in one file.
        top: classes a clip in the long format; None for the other one.

    Raises:
        UserError: on entering, in `begin` and in `write`: the file cannot be written, or another process writes it.
    """

    def __init__(self, file: Path, vocabulary: Sequence[str], settings: str, top: int | None):
        self._file, self._vocabulary = file, vocabulary
        self._top = min(top, len(vocabulary)) if top else None
        self._numbers = ",".join(["%.7g"] * len(vocabulary))
        self._header = [KEY, "fname", *(["label", "score", "rank"] if top else vocabulary)]
        self.partial = file.with_name(f"{file.name}.{settings}.partial")
        self._lock = FileLock(file.with_name(f".{file.name}.lock"))
        self._keys: dict[Clip, str] = {}
        self._out: TextIO | None = None

    def __enter__(self) -> "ScoreWriter":
        with self._told():
            self._file.parent.mkdir(parents=True, exist_ok=True)
            if self._file.is_dir():
                raise IsADirectoryError(0, "it is a folder")
            try:
                self._lock.acquire(timeout=0)
            except Timeout as error:
                raise UserError(f"Another process writes {self._file}: wait, or give another --output") from error
        return self

    def begin(self, clips: Sequence[Clip], resume: bool) -> list[Clip]:
        """Open the file; returns the clips that have no scores in it yet.

        Args:
            clips: that are to be in it.
            resume: keep what an earlier call with the same settings has written of these files, as they are now.
        """
        self._keys = {clip: clip_key(clip) for clip in clips}
        left = Counter(self._keys[clip] for clip in clips)
        with self._told():
            goes_on = resume and self.partial.exists() and next(_whole_rows(self.partial), None) == self._header
            if goes_on:
                _write_rows(self.partial, self._kept(left))
            self._out = open(self.partial, "a" if goes_on else "w", encoding="utf-8", newline="")  # noqa: SIM115
            if not goes_on:
                self._out.write(csv_line(self._header))
        return [clip for clip in clips if _take(left, self._keys[clip])]

    def _kept(self, left: Counter[str]) -> Iterator[list[str]]:
        """Header and rows of an unfinished file of the clips with these keys, which are taken out of them.

        A clip's last rows may be lacking.
        """
        rows = _whole_rows(self.partial)
        yield next(rows)
        for of_clip in zip(*[rows] * (self._top or 1), strict=False):
            if _take(left, of_clip[0][0]):
                yield from of_clip

    def write(self, clip: Clip, scores: np.ndarray) -> None:
        """Add a clip's scores (classes,)."""
        self._write(self._keys[clip], clip, scores)

    def fill(self, clip: Clip, score: float) -> None:
        """Add a clip that has none, with this score for every class; an interrupted call tries it again."""
        self._write("", clip, np.full(len(self._vocabulary), score))

    def _write(self, key: str, clip: Clip, scores: np.ndarray) -> None:
        with self._told():
            self._out.write(self._rows(key, clip, scores))
            self._out.flush()

    def _rows(self, key: str, clip: Clip, scores: np.ndarray) -> str:
        if self._top is None:
            return f"{csv_line([key, clip.fname])[:-1]},{self._numbers % tuple(scores.tolist())}\n"
        order = np.argsort(-scores, kind="stable")[: self._top]
        cells = ([self._vocabulary[k], f"{scores[k]:.7g}", rank] for rank, k in enumerate(order, start=1))
        return "".join(csv_line([key, clip.fname, *of_class]) for of_class in cells)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the operating system has against it, with the way on."""
        try:
            yield
        except OSError as error:
            raise UserError(f"Cannot write {self._file}: {error.strerror or error}{self._way_on()}") from error

    def _way_on(self) -> str:
        kept = f"; what was computed is kept in {self.partial}: go on with --resume"
        return kept if self.partial.exists() else ""

    def __exit__(self, kind: type | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        try:
            if self._out:
                with suppress(OSError):  # of a full disk, which was told
                    self._out.close()
            if kind is None:
                self._finish()
        finally:
            with suppress(OSError):
                os.unlink(self._lock.lock_file)
            self._lock.release()

    def _finish(self) -> None:
        try:
            with written_whole(self._file) as unfinished, open(unfinished, "w", encoding="utf-8", newline="") as out:
                out.writelines(_without_keys(self.partial))
            self.partial.unlink()
        except UserError as error:
            raise UserError(f"{error.message}{self._way_on()}") from error


def clip_key(clip: Clip) -> str:
    """What says that a clip is the same: its name, and its file's place, size and time of change."""
    try:
        stat = os.stat(clip.path)
        file = (os.path.abspath(clip.path), stat.st_size, stat.st_mtime_ns)
    except OSError:
        file = ()
    return hashlib.sha256(repr((clip.fname, *file)).encode()).hexdigest()[:16]


def _take(counter: Counter[str], key: str) -> bool:
    """Whether there is one of it left, which is taken."""
    counter[key] -= 1
    return counter[key] >= 0


def _write_rows(file: Path, rows: Iterable[Sequence[object]]) -> None:
    with written_whole(file) as unfinished, open(unfinished, "w", encoding="utf-8", newline="") as out:
        out.writelines(map(csv_line, rows))


def _without_keys(partial: Path) -> Iterator[str]:
    """The lines of a file that is whole, each row without its first cell, which has no quotation marks."""
    within = False  # quotation marks, where a line goes on
    with open(partial, encoding="utf-8", newline="") as file:
        for line in file:
            yield line if within else line.partition(",")[2]
            within ^= line.count('"') % 2 == 1


def _whole_rows(partial: Path) -> Iterator[list[str]]:
    """Rows of an unfinished file, without one that was cut."""
    with open(partial, encoding="utf-8", newline="", errors="replace") as file:
        lines = (line for line in file if line.endswith(("\n", "\r")))  # the latter within quotation marks
        with suppress(csv.Error):  # cut within quotation marks
            yield from csv.reader(lines, strict=True)
