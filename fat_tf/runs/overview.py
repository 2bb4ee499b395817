"""A run in a line: its state, what it trains on what, how far it is and what it is worth."""

import csv
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from fat_tf.errors import UserError
from fat_tf.files import read_text, size_of
from fat_tf.runs.file_names import FOLDS, HISTORY, METRICS, SCORES
from fat_tf.runs.judged import JudgingClips, folds_in, read_judged
from fat_tf.runs.manifest import Manifest, OtherVersionError, read_manifest
from fat_tf.runs.progress_file import read_progress
from fat_tf.runs.recipe_changes import CLASS, STAGES
from fat_tf.runs.results import Results, read_results
from fat_tf.runs.run_state import DAMAGED, OTHER, RUNNING, folds_with, is_locked, unlocked_state

Value = TypeVar("Value")


@dataclass(frozen=True)
class History:
    """Epochs of all folds together, the best val_lwlrap of all (None: no epoch is done), and their seconds."""

    epochs: int
    best: float | None
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Overview:
    """A run. data: its data set. model, stages: of its recipe. folds: that are done, and that there are.

    problem: what is wrong with it, in words. results, judged: None where it cannot be compared. size: bytes.
    left: seconds that it still runs, where that is known.
    """

    folder: Path
    state: str
    problem: str
    data: str
    model: str
    stages: str
    folds: tuple[int, int]
    history: History
    results: Results | None
    judged: JudgingClips | None
    size: int
    left: float | None


def overview(run: Path) -> Overview:
    """Look at a run; whatever is wrong with it is part of what it says."""
    problems: list[Exception] = []

    def tried(read: Callable[..., Value], *arguments: object) -> Value | None:
        try:
            return read(*arguments)
        except (UserError, OSError) as error:
            problems.append(error)
        except (csv.Error, KeyError, ValueError, TypeError) as error:  # a table that was opened and saved
            problems.append(UserError(f"{run}: a file of it is damaged ({error!r}): put it back as it was"))
        return None

    manifest = tried(_manifest, run)
    done = tried(folds_with, run, SCORES) or []
    results = tried(read_results, run) if manifest and (run / METRICS).is_file() else None
    if results and len(results.out_of_fold.folds) != len(done):
        results = None  # they are of fewer folds: of before the last call
    judged = tried(read_judged, run, manifest, done) if results else None
    folds = tried(_folds, run) or 0
    history = tried(_history, run) or History(0, None, 0.0)
    return Overview(
        folder=run,
        state=_state(run, problems),
        problem=getattr(problems[0], "message", str(problems[0])) if problems else "",
        data=_data(manifest) if manifest else "",
        model=_model(manifest) if manifest else "",
        stages=_stages(manifest) if manifest else "",
        folds=(len(done), folds),
        history=history,
        results=results if judged else None,
        judged=judged,
        size=size_of(run),
        left=_left(run),
    )


def _state(run: Path, problems: list[Exception]) -> str:
    if is_locked(run):
        return RUNNING
    if problems:
        return OTHER if isinstance(problems[0], OtherVersionError) else DAMAGED
    return unlocked_state(run)


def _left(run: Path) -> float | None:
    note = read_progress(run) if is_locked(run) else None
    return note.of_run if note else None


def _manifest(run: Path) -> Manifest | None:
    """None where training has not begun."""
    os.listdir(run)  # a folder that cannot be looked into is said here
    if manifest := read_manifest(run):
        return manifest
    if any(run.glob("fold_*")) or (run / METRICS).is_file():
        raise OtherVersionError(f"{run} is of an earlier version, which did not note its recipe and data")
    return None


def _data(manifest: Manifest) -> str:
    return Path(manifest.data_dir).name if manifest.data_dir else "built-in set"


def _model(manifest: Manifest) -> str:
    model = manifest.recipe.get("model")
    return f"{model[CLASS]} {_short(model['parameters'])}" if model else ""


def _short(number: int) -> str:
    return f"{number / 1e6:.1f} M" if number >= 1e6 else f"{number / 1e3:.0f} k"


def _stages(manifest: Manifest) -> str:
    """Like "pretrain (noisy), refit×2": clips that are not curated ones are named."""
    told: dict[str, int] = {}
    for stage in manifest.recipe.get(STAGES, []):
        name, _, number = stage["name"].rpartition("-")
        name = name if number.isdigit() else stage["name"]
        data = stage["data"] if isinstance(stage["data"], str) else stage["data"].get(CLASS, "own clips")
        text = name if data == "curated" else f"{name} ({data})"
        told[text] = told.get(text, 0) + 1
    return ", ".join(f"{text}×{times}" if times > 1 else text for text, times in told.items())


def _folds(run: Path) -> int:
    return folds_in(read_text(run / FOLDS)) if (run / FOLDS).is_file() else 0


def _history(run: Path) -> History:
    texts = map(read_text, sorted(run.glob(f"fold_*/{HISTORY}")))
    rows = [row for text in texts for row in csv.DictReader(io.StringIO(text))]
    try:
        best = max((float(row["val_lwlrap"]) for row in rows), default=None)
        return History(len(rows), best, sum(float(row["seconds"]) for row in rows))
    except (KeyError, ValueError, TypeError) as error:
        raise UserError(f"{run}: a {HISTORY} is damaged ({error!r}): delete its fold, and train it again") from error
