"""The clips of a run in numbers: labels, lengths, rates, formats."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from fat_tf.audio.decode import Described, described
from fat_tf.data.class_names import split_labels
from fat_tf.data.csv_table import read_table
from fat_tf.errors import counted
from fat_tf.figures import BLUE
from fat_tf.pages.chart import Chart, chart
from fat_tf.pages.clip_files import ClipFiles
from fat_tf.pages.report.run_view import RunView
from fat_tf.runs.file_names import SAME_SOUNDS

MEASURED = 2000  # clips whose files are opened for lengths and rates
LENGTHS = (0, 0.3, 0.5, 1, 2, 4, 8, 15, 30, 60, 300, np.inf)  # seconds
MOST = 6  # rates or formats that are told


@dataclass(frozen=True)
class SourceRow:
    """Clips of a source, those of them that are background, and in words how many have how many labels."""

    source: str
    clips: int
    background: int
    labels: str


def source_rows(run: RunView) -> list[SourceRow]:
    """Of curated, noisy and test clips; of those where none has a label nothing is known but their number."""
    return [_source_row(source, rows) for source, rows in run.tables.clips.groupby("source", sort=False)]


def _source_row(source: str, rows: pd.DataFrame) -> SourceRow:
    numbers = Counter(map(len, split_labels(rows["labels"])))
    if set(numbers) == {0}:
        return SourceRow(source, len(rows), 0, "not known")
    words = ", ".join(f"{numbers[n]} with {counted(n, 'label')}" for n in sorted(numbers) if n)
    return SourceRow(source, len(rows), numbers.get(0, 0), words)


def same_sounds(run: Path) -> pd.DataFrame:
    """Clips that sound as one that a fold is judged by, as training found them; see `RunData.same_sounds`."""
    file = run / SAME_SOUNDS
    return read_table(file, ["fname", "fold", "same", "same_source", "same_fold"]) if file.is_file() else pd.DataFrame()


def describe_files(run: RunView, files: ClipFiles) -> list[Described]:
    """What the headers of the clips' files say, of about MEASURED clips at most; of those that are found."""
    clips = run.tables.clips.iloc[:: max(1, len(run.tables.clips) // MEASURED)]
    paths = (files.find(source, fname) for source, fname in zip(clips["source"], clips["fname"], strict=True))
    return [found for path in paths if path and (found := described(path))]


def length_chart(found: list[Described]) -> Chart:
    """How long the files are, on a logarithmic axis."""
    seconds = np.array([file.seconds for file in found])
    counts = np.histogram(seconds, LENGTHS)[0].tolist()
    rows = [[f"{low:g} to {high:g} s", n] for (low, high), n in zip(pairwise(LENGTHS), counts, strict=True) if n]

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot(xlabel="seconds", ylabel="clips", xscale="log")
        shortest = max(seconds.min(), 0.01)
        axes.hist(seconds, np.geomspace(shortest, max(seconds.max(), 2 * shortest) * 1.01, 40), color=BLUE)
        axes.xaxis.set_major_formatter(ScalarFormatter())
        axes.grid(axis="y", lw=0.4)

    title = f"Lengths of {counted(len(found), 'file')}, before silence is cut"
    return chart(draw, title, ("length", "clips"), rows, 2.4)


def formats(found: list[Described]) -> str:
    """Rates, channels and formats with their numbers of files, the most frequent first."""
    parts = (
        [f"{file.rate / 1000:g} kHz" for file in found],
        [counted(file.channels, "channel") for file in found],
        [file.form for file in found],
    )
    return "; ".join(", ".join(f"{name} ({n})" for name, n in Counter(part).most_common(MOST)) for part in parts)
