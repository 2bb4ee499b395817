"""Which runs are finished."""

from collections.abc import Sequence
from pathlib import Path

from fat_tf.config import OWN_PARTS
from fat_tf.errors import UserError

METRICS = "metrics.json"


def finished_runs(places: Sequence[str | Path]) -> list[Path]:
    """Finished runs: these, and those right below.

    Raises:
        UserError: a place without one.
    """
    runs = []
    for place in map(Path, places):
        found = [place] if (place / METRICS).is_file() else [file.parent for file in sorted(place.glob(f"*/{METRICS}"))]
        if not found:
            raise UserError(f"{place} is no finished run, and holds none")
        runs += found
    return runs


def newest_run(folder: str | Path) -> Path:
    """The run below a folder that was finished last.

    Raises:
        UserError: there is none, or it has own parts: nothing is imported from a run that nobody named.
    """
    finished = list(Path(folder).glob(f"*/{METRICS}"))
    if not finished:
        raise UserError(f"{folder}/ has no finished run: train one, or name one with --run_dir")
    run = max(finished, key=lambda file: file.stat().st_mtime).parent
    if (run / OWN_PARTS).is_dir():
        raise UserError(f"{run}, the newest run, has own parts, whose code would be run: name it with --run_dir={run}")
    return run
