"""What a run is worth, beside chance, a linear model and another run."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fat_tf.evaluation.places import evaluate_places
from fat_tf.metrics import with_interval
from fat_tf.pages.report.run_view import JudgedClips, RunView
from fat_tf.training.baseline import chance_lwlraps

NAMES = {"curated": "out of fold", "test": "on test clips"}
MANY = 1000  # clips that tell what chance is


@dataclass(frozen=True)
class Figure:
    """A line of the headline: a name, a value of lwlrap, its 95 % interval or None, a word more."""

    name: str
    value: float
    interval: tuple[float, float] | None = None
    more: str = ""


def figures(run: RunView, judged: JudgedClips, against: Path | None) -> list[Figure]:
    """lwlrap of a run's clips, and what it is to be compared with."""
    report = judged.report
    this = Figure("this run", report["lwlrap"], tuple(report["lwlrap_ci95"]), f"{report['clips']} clips")
    return [this, *_another(run, judged, against), *_linear(run, judged), Figure("chance", _chance(judged))]


def _another(run: RunView, judged: JudgedClips, against: Path | None) -> Iterator[Figure]:
    if against:
        report = evaluate_places([str(against), str(run.folder)])
        report = report if judged.source == "curated" else report.get("test")
        if report:
            gain = report["comparisons"][0]
            more = f"this run gains {with_interval(gain['gain'], gain['gain_ci95'])} over it, clip by clip"
            yield Figure(against.name, report["lwlrap"], tuple(report["lwlrap_ci95"]), more)


def _linear(run: RunView, judged: JudgedClips) -> Iterator[Figure]:
    test = run.facts.metrics.get("test", {})
    if judged.source == "test" and "baseline" in test:
        more = f"this run gains {with_interval(test['gain'], test['gain_ci95'])}"
        yield Figure("a linear model of log-mel means and deviations", test["baseline"], None, more)


def _chance(judged: JudgedClips) -> float:
    truth = judged.truth.targets[judged.truth.targets.any(axis=1)][:MANY]
    return float(np.mean(chance_lwlraps(truth, seed=0)))
