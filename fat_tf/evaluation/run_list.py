"""Runs as tables: those that compare stand in one, the best first."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

from fat_tf.errors import counted
from fat_tf.runs.judged import JudgingClips
from fat_tf.runs.overview import Overview
from fat_tf.runs.results import Figures
from fat_tf.terminal import Column, clock, fitting, printable, size, table, wrapped

SORTS: dict[str, Callable[[Overview], object]] = {  # the best or the least first
    "lwlrap": lambda run: -run.results.out_of_fold.lwlrap if run.results else -(run.history.best or 0),
    "accuracy": lambda run: -(run.results.out_of_fold.accuracy or 0) if run.results else 0,
    "test": lambda run: -run.results.test.lwlrap if run.results and run.results.test else 0,
    "time": lambda run: run.history.seconds,
    "disk": lambda run: run.size,
    "name": lambda run: str(run.folder),
}
SHARED = ("state", "data", "folds", "model", "stages")  # said once where all runs of a table have the same
TO_THE_RIGHT = {"lwlrap", "test lwlrap", "accuracy", "best val_lwlrap", "folds", "epochs", "time", "left", "disk"}


def list_lines(runs: Sequence[Overview], place: Path, width: int, sort: str = "lwlrap") -> list[str]:
    """Tables of runs, headed by what the runs of each share; then those without results, and what is wrong with some.

    Args:
        runs: all.
        place: folder that their names begin below.
        width: columns of a line.
        sort: of SORTS.
    """
    runs = sorted(runs, key=SORTS[sort])
    blocks, before = [], []
    for of_table in _comparable(runs):
        first = of_table[0]
        heading = f"{first.data}: {_clips(first.judged)}{_beside(first, before)}"
        blocks.append(_block(heading, [_cells(run, place) for run in of_table], width))
        before.append(first)
    if without := [run for run in runs if not run.results]:
        blocks.append(_block("Without results", [_cells_without(run, place) for run in without], width))
    problems = [line for run in runs if run.problem for line in wrapped(f"! {printable(run.problem)}", width, "  ")]
    blocks += [problems] if problems else []
    return [line for block in blocks for line in ["", *block]][1:]


def _comparable(runs: Sequence[Overview]) -> list[list[Overview]]:
    """Runs of the same data and judged by the same clips and labels, in the order of the first of each."""
    tables: dict[tuple[str, str], list[Overview]] = {}
    for run in runs:
        if run.results:
            tables.setdefault((run.data, run.judged.key), []).append(run)
    return list(tables.values())


def _clips(judged: JudgingClips) -> str:
    told = f"{counted(len(judged.out_of_fold), 'clip')} of {len(judged.classes)} classes out of fold"
    return f"{told}, {counted(len(judged.test), 'test clip')}" if judged.test else told


def _beside(run: Overview, before: Sequence[Overview]) -> str:
    """Why it stands in another table than runs above of the same data set."""
    changes = {other.folder.name: _changes(other.judged, run.judged) for other in before if other.data == run.data}
    if not changes:
        return ""
    nearest = min(changes, key=changes.get)
    clips, labels = changes[nearest]
    told = [f"{clips} clips"] if clips else []
    told += [f"the labels of {labels}"] if labels else []
    return f"; {' and '.join(told) or 'the classes'} are not those in the table of {nearest}"


def _changes(before: JudgingClips, now: JudgingClips) -> tuple[int, int]:
    """Clips that only one has, and clips whose labels differ."""
    parts = [(before.out_of_fold, now.out_of_fold), (before.test, now.test)]
    clips = sum(len(a.keys() ^ b.keys()) for a, b in parts)
    return clips, sum(a[name] != b[name] for a, b in parts for name in a.keys() & b.keys())


def _block(heading: str, rows: list[dict[str, str]], width: int) -> list[str]:
    """A table with its heading, which says what would be the same in each row."""
    names = [name for name in rows[0] if any(row[name] for row in rows)]
    same = [name for name in names if name in SHARED and len(rows) > 1 and len({row[name] for row in rows}) == 1]
    shared = "; ".join(f"{name} {rows[0][name]}" for name in same)
    columns = [Column(n, [row[n] for row in rows], n in TO_THE_RIGHT) for n in names if n not in same]
    kept = fitting(columns, width)
    heading = printable(heading) + (f". All: {shared}" if shared else "")
    lines = wrapped(heading, width, "  ") + table(kept)
    lost = [column.name for column in columns if column.name not in {one.name for one in kept}]
    return [*lines, *wrapped(f"(no room for {', '.join(lost)}: --csv has all)", width, " ")] if lost else lines


def _cells(run: Overview, place: Path) -> dict[str, str]:
    accuracy = run.results.out_of_fold.accuracy
    return {
        "run": name_of(run.folder, place),
        "lwlrap": str(run.results.out_of_fold),
        "test lwlrap": str(run.results.test) if run.results.test else "",
        "accuracy": "" if accuracy is None else f"{accuracy:.3f}",
        **_of_any(run),
    }


def _cells_without(run: Overview, place: Path) -> dict[str, str]:
    best = run.history.best
    return {
        "run": name_of(run.folder, place),
        "state": run.state,
        "left": "" if run.left is None else clock(run.left),
        "best val_lwlrap": "" if best is None else f"{best:.3f}",
        "data": printable(run.data),
        **_of_any(run),
        "epochs": str(run.history.epochs),
    }


def _of_any(run: Overview) -> dict[str, str]:
    return {
        "state": run.state,
        "folds": f"{run.folds[0]}/{run.folds[1]}" if run.folds[1] else "",
        "model": printable(run.model),
        "stages": printable(run.stages),
        "time": clock(run.history.seconds),
        "disk": size(run.size),
    }


def name_of(run: Path, place: Path) -> str:
    """The name of a run below a folder; its own where it is that folder."""
    below = str(run.relative_to(place)) if run.is_relative_to(place) else str(run)
    return printable(run.resolve().name if below == "." else below)


def list_csv(runs: Sequence[Overview]) -> str:
    """All that is known of runs, a line each; those with the same `judged` compare."""
    written = io.StringIO()
    rows = [_csv_cells(run) for run in runs]
    writer = csv.DictWriter(written, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def _csv_cells(run: Overview) -> dict[str, object]:
    results = run.results
    return {
        "run": run.folder,
        "state": run.state,
        "problem": run.problem,
        "data": run.data,
        "model": run.model,
        "stages": run.stages,
        "folds_done": run.folds[0],
        "folds": run.folds[1],
        **_csv_figures("", results.out_of_fold if results else None),
        **_csv_figures("test_", results.test if results else None),
        "steps": results.steps if results else None,
        "epochs": run.history.epochs,
        "seconds": round(run.history.seconds, 1),
        "bytes": run.size,
        "judged": run.judged.key[:8] if run.judged else "",
    }


def _csv_figures(prefix: str, figures: Figures | None) -> dict[str, object]:
    names = ("lwlrap", "lwlrap_low", "lwlrap_high", "accuracy", "lwlrap_of_folds")
    cells = dict.fromkeys((f"{prefix}{name}" for name in names), "")
    if figures:
        low, high = figures.lwlrap_ci95 or ("", "")
        folds = " ".join(f"{value:.6f}" for value in figures.folds)
        cells = dict(zip(cells, (figures.lwlrap, low, high, figures.accuracy, folds), strict=True))
    return cells
