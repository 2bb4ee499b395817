"""A finished run, read for its report."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fat_tf.errors import UserError
from fat_tf.evaluation.report import Report, evaluate
from fat_tf.evaluation.truth import SOURCES, Truth, labels_of_run, read_truth
from fat_tf.metrics.accuracy import wrong_top_classes
from fat_tf.metrics.lwlrap import clip_precision
from fat_tf.runs.facts import RunFacts, run_facts
from fat_tf.runs.file_names import METRICS
from fat_tf.runs.fold_scores import window_starts
from fat_tf.runs.fold_state import read_history
from fat_tf.runs.results import read_results
from fat_tf.runs.run_tables import RunTables, read_run_tables
from fat_tf.runs.score_table import OUT_OF_FOLD, TEST, ScoreTable, read_scores


@dataclass(frozen=True)
class JudgedClips:
    """The clips of a run's score file that have labels, or are background.

    source: curated or test. table, truth: of these clips in the same order. report: of `evaluate`. starts: seconds into
    the trimmed clip where the window that decided begins, by name. folds: number by name, of curated clips.
    """

    source: str
    table: ScoreTable
    truth: Truth
    report: Report
    starts: Mapping[str, float]
    folds: Mapping[str, int]

    @property
    def precision(self) -> np.ndarray:
        """lwlrap of each clip (clips,); NaN of background."""
        values, labels = clip_precision(self.truth.targets, self.table.scores)
        return np.where(labels > 0, values / np.maximum(labels, 1), np.nan)

    def mistaken(self, label: int, top: int) -> np.ndarray:
        """Clips with a label for which a class is above all of their labels; see `wrong_top_classes`."""
        clips = np.flatnonzero(self.truth.targets[:, label])
        return clips[wrong_top_classes(self.truth.targets[clips], self.table.scores[clips])[:, top]]


@dataclass(frozen=True)
class RunView:
    """folder: of the run. facts: see `RunFacts`. tables: its clips. judged: out of fold, and test clips where they have
    labels. histories: history.csv by fold."""

    folder: Path
    facts: RunFacts
    tables: RunTables
    judged: list[JudgedClips]
    histories: Mapping[int, pd.DataFrame]


def read_run(folder: Path) -> RunView:
    """Read a run.

    Raises:
        UserError: no run, one that is not finished or of an earlier version, files that are damaged.
    """
    facts = run_facts(folder)
    if not facts.manifest:
        raise UserError(f"{folder} is no run, or one of an earlier version, without a manifest: name another folder")
    if not facts.metrics:
        raise UserError(f"{folder} has no {METRICS}: finish that run first, by the command that began it")
    read_results(folder)  # says what is damaged
    tables = read_run_tables(folder, facts.manifest)
    judged = [_judged(folder, facts, name) for name in (OUT_OF_FOLD, TEST) if _is_judged(folder, name)]
    histories = {fold: read_history(folder / f"fold_{fold}") for fold in facts.networks}
    return RunView(folder, facts, tables, judged, histories)


def _is_judged(folder: Path, name: str) -> bool:
    return (folder / name).is_file() and len(labels_of_run(folder, name).rows) > 0


def _judged(folder: Path, facts: RunFacts, name: str) -> JudgedClips:
    table, truth = read_truth(labels_of_run(folder, name), read_scores(folder / name))
    part = "held_out" if name == OUT_OF_FOLD else "test"
    saved = [window_starts(folder / f"fold_{fold}", part) for fold in facts.networks]
    folds = dict(zip(facts.folds["fname"], facts.folds["fold"].astype(int), strict=True)) if name == OUT_OF_FOLD else {}
    return JudgedClips(SOURCES[name], table, truth, evaluate(table, truth), _starts(saved), folds)


def _starts(saved: list[dict[str, float]]) -> dict[str, float]:
    """Of test clips by the first fold: any window that a model went by will do."""
    found = {}
    for of_fold in reversed(saved):
        found |= of_fold
    return found
