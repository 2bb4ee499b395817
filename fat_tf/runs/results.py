"""The figures of a run: metrics.json, looked over."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

from fat_tf.errors import UserError
from fat_tf.files import read_text
from fat_tf.metrics import with_interval
from fat_tf.runs.file_names import METRICS

Interval = tuple[float, float]


@dataclass(frozen=True)
class Figures:
    """lwlrap, and the accuracy of the top class if it was noted; with 95 % intervals. folds: lwlrap of each alone."""

    lwlrap: float
    lwlrap_ci95: Interval | None
    accuracy: float | None
    folds: tuple[float, ...]

    def __str__(self) -> str:
        return with_interval(self.lwlrap, self.lwlrap_ci95) if self.lwlrap_ci95 else f"{self.lwlrap:.3f}"


@dataclass(frozen=True)
class Results:
    """Out of fold, and of the test clips where their labels are known. steps: of the optimiser, mean of the folds."""

    out_of_fold: Figures
    test: Figures | None
    steps: float
    seconds: float


def read_results(run: Path) -> Results:
    """What a finished run is worth.

    Raises:
        UserError: metrics.json is damaged, or has a figure that is no finite number.
    """
    try:
        said = json.loads(read_text(run / METRICS))
        test = _figures(said["test"]) if "test" in said else None
        steps = [_finite(number) for number in said["steps"]]
        return Results(_figures(said), test, sum(steps) / len(steps), _finite(said["seconds"]))
    except (ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError) as error:
        raise UserError(
            f"{run / METRICS} is damaged ({error!r}): the command that trained it writes it again"
        ) from error


def _figures(said: dict) -> Figures:
    interval, accuracy = said.get("lwlrap_ci95"), said.get("accuracy")
    return Figures(
        _finite(said["lwlrap"]),
        (_finite(interval[0]), _finite(interval[1])) if interval else None,
        None if accuracy is None else _finite(accuracy),
        tuple(map(_finite, said.get("folds", ()))),
    )


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(f"it has {number}")
    return float(number)
