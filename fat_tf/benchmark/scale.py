"""Time and memory of each command on more and more clips: a clip should take as long, and memory stay flat.

Each step is a process of its own, so that its memory is. The processor's time says more than that of the clock on a
machine that does other work too.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from fat_tf.errors import UserError
from fat_tf.terminal import markdown_table

FILES = 64  # sounds that clips share: as hard links, of which a file may have 65,000
IN_A_FOLDER = 1000
RATE, SECONDS = 8000, 0.5
KILOBYTE = 1 if sys.platform == "darwin" else 1024  # bytes in the unit of a process's peak memory
COMMAND = "import sys; from fat_tf.commands import main; sys.exit(main())"
START = "from fat_tf.benchmark.scale_start import main; main()"


@dataclass(frozen=True)
class Step:
    """What a process took, or a part of one: seconds by the clock and of the processor, and most bytes in memory."""

    name: str
    seconds: float
    processor: float | None = None
    memory: int | None = None

    def __str__(self) -> str:
        of_processor = "" if self.processor is None else f" ({self.processor:.1f})"
        memory = "" if self.memory is None else f", {self.memory / 1e9:.2f} GB"
        return f"{self.seconds:.1f} s{of_processor}{memory}"


def scale(sizes: Sequence[int], classes: int, gin_files: Sequence[str], gin_params: Sequence[str]) -> str:
    """A table, as Markdown: a row for each step, a column for each number of clips, and one for a further clip.

    Args:
        sizes: numbers of clips.
        classes: of which each clip has one or two.
        gin_files, gin_params: what is trained.

    Raises:
        UserError: a step that fails.
    """
    measured = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:  # TMPDIR says where
            write_clips(Path(folder) / "data", size, classes)
            measured[size] = []
            for step in _steps(Path(folder), _settings(gin_files, gin_params)):
                print(f"{size:,} clips, {step.name}: {step}", file=sys.stderr, flush=True)
                measured[size].append(step)
    return as_table(measured)


def write_clips(folder: Path, clips: int, classes: int) -> None:
    """A data set: clips.csv, and below it sounds, which repeat."""
    rng = np.random.default_rng(0)
    places = [folder / "audio" / f"{number // IN_A_FOLDER:04}" / f"{number:08}.wav" for number in range(clips)]
    for number, place in enumerate(places):
        if number % IN_A_FOLDER == 0:
            place.parent.mkdir(parents=True)
        if number < FILES:
            _write_sound(place, rng)
        else:
            os.link(places[number % FILES], place)
    labels = rng.integers(0, classes, (clips, 2))
    with open(folder / "clips.csv", "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["fname", "labels"])
        for place, (a, b) in zip(places, labels.tolist(), strict=True):
            rows.writerow([place.relative_to(folder / "audio"), f"class {a},class {b}" if a % 2 else f"class {a}"])


def _write_sound(place: Path, rng: np.random.Generator) -> None:
    """Noise; without TensorFlow, whose memory the processes that are measured would be said to have too."""
    samples = 3000 * rng.standard_normal(int(SECONDS * RATE))
    with wave.open(str(place), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples.clip(-32768, 32767).astype("<i2").tobytes())


def _settings(gin_files: Sequence[str], gin_params: Sequence[str]) -> list[str]:
    return [*(f"--gin_file={file}" for file in gin_files), *(f"--gin_param={param}" for param in gin_params)]


def _steps(folder: Path, settings: list[str]) -> Iterator[Step]:
    data, run, table = folder / "data", folder / "run", folder / "data" / "clips.csv"
    places = [f"--data_dir={data}", f"--cache_dir={folder / 'cache'}"]
    prepare = ["prepare", *settings, *places]
    yield _measured(folder, "prepare", COMMAND, prepare)
    yield _measured(folder, "prepare again, all is there", COMMAND, prepare)
    yield _measured(folder, "load, as before each training", START, [*settings, *places, f"--output={folder}/start"])
    yield Step("until the first batch of an epoch", *json.loads((folder / "start").read_text("utf-8")))
    yield _measured(folder, "train a fold, one epoch", COMMAND, ["train", *settings, *places, f"--run_dir={run}"])
    with open(run / "fold_0" / "history.csv", encoding="utf-8", newline="") as file:
        [epoch] = csv.DictReader(file)
    yield Step("the epoch of it, validation included", float(epoch["seconds"]))
    scores = folder / "scores.csv"
    predict = ["predict", f"--run_dir={run}", f"--audio={table}", f"--output={scores}"]
    yield _measured(folder, "predict", COMMAND, predict)
    yield _measured(folder, "evaluate", COMMAND, ["evaluate", f"--scores={scores}", f"--truth={table}"])


def _measured(folder: Path, name: str, code: str, arguments: list[str]) -> Step:
    with open(folder / "log", "w+", encoding="utf-8", errors="replace") as log:
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            raise UserError(f"{name} fails: {log.read()[-2000:]}")
    return Step(name, took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * KILOBYTE)


def as_table(measured: dict[int, list[Step]]) -> str:
    """Markdown, as `scale` returns it, of the steps of each number of clips."""
    sizes = list(measured)
    further = [f"{fewer:,} to {more:,}" for fewer, more in pairwise(sizes)]
    heading = [
        "s (of the processor), memory",
        *(f"{size:,} clips" for size in sizes),
        *(f"ms a clip, {f}" for f in further),
    ]
    rows = []
    for steps in zip(*measured.values(), strict=True):
        slopes = (_slope(*of_two) for of_two in zip(pairwise(sizes), pairwise(steps), strict=True))
        rows.append([steps[0].name, *map(str, steps), *slopes])
    return markdown_table(heading, rows)


def _slope(sizes: tuple[int, int], steps: tuple[Step, Step]) -> str:
    """Milliseconds of the processor for each further clip; of parts nothing, which have a time of their own."""
    fewer, more = steps
    if fewer.memory is None:
        return ""
    return f"{1000 * (more.processor - fewer.processor) / (sizes[1] - sizes[0]):.2f}"
