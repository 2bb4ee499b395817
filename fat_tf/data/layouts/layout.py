"""What a layout tells of a data set."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from fat_tf.notices import say


@dataclass(frozen=True)
class Part:
    """One table of a data set and the folder of its sounds.

    source: curated, noisy or test. table: a CSV with the columns fname, labels and, where there are such, fold and
    group. rows: these columns as texts (labels also as tuples), in the order of the table's lines, where its own are
    others; an index called `line` has the lines.
    """

    source: str
    table: Path
    audio: Path
    rows: pd.DataFrame | None = None


@dataclass(frozen=True)
class Layout:
    """The parts of a data set, and the file that gives the order of its classes, if there is one."""

    parts: tuple[Part, ...]
    vocabulary: Path | None = None


def has_sounds(audio: Path) -> bool:
    """Whether a folder of test clips, which may be left out, is there; it is said where it is not."""
    if not audio.is_dir():
        say(f"No test clips: there is a table of them, and no folder {audio}")
    return audio.is_dir()
