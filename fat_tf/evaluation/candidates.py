"""The one fold of each run that would be used by itself, and the clips that judge all of them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fat_tf.errors import UserError, counted, listed
from fat_tf.evaluation.truth import SOURCES, Truth, labels_of_run, read_truth
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.fold_scores import load_fold_scores
from fat_tf.runs.labels import read_labels
from fat_tf.runs.manifest import read_manifest
from fat_tf.runs.results import read_results
from fat_tf.runs.run_state import is_done
from fat_tf.runs.score_table import OUT_OF_FOLD, TEST, ScoreTable, check_same

ONE_DATA_SET = "; only runs on one data set can be put side by side"


@dataclass(frozen=True)
class Candidate:
    """A fold of a finished run. name: to call it by. windows: of a clip. scores: its own, (clips, classes) float64,
    computed under the dtype policy `precision`.
    """

    run: Path
    name: str
    fold: int
    windows: int
    precision: str
    scores: np.ndarray


@dataclass(frozen=True)
class Candidates:
    """Folds that scored the same clips, of the source "test" or "curated". truth: what is in the clips."""

    source: str
    vocabulary: tuple[str, ...]
    truth: Truth
    folds: list[Candidate]

    @property
    def judged_by(self) -> str:
        """The clips in words."""
        number, groups = len(self.truth.fnames), self.truth.groups
        clips = f"{counted(number, 'clip')} out of fold {self.folds[0].fold}"
        if self.source == "test":
            clips = counted(number, "test clip")
        return clips if groups is None else f"{clips} in {counted(len(np.unique(groups)), 'group')}"


def find_candidates(places: Sequence[str | Path]) -> Candidates:
    """The best fold of each run by its validation lwlrap, judged by test clips.

    Without labelled test clips the held-out clips of the first run's best fold judge the same fold of all runs.

    Raises:
        UserError: a run twice, no run, an unfinished one, runs of other classes, clips or labels than the first.
    """
    runs = list(map(Path, places))
    if len({os.path.realpath(run) for run in runs}) < len(runs):
        raise UserError("The same run is named twice: name each once")
    for run in runs:
        _check_finished(run)
    first = runs[0]
    part = TEST if len(labels_of_run(first, TEST).rows) else OUT_OF_FOLD
    folds = [best_fold(run) for run in runs] if part == TEST else [best_fold(first)] * len(runs)
    tables = [_scores(run, fold, part) for run, fold in zip(runs, folds, strict=True)]
    for table in tables[1:]:
        check_same("classes", tables[0].name, tables[0].vocabulary, table.name, table.vocabulary, ONE_DATA_SET)
        check_same("clips", tables[0].name, tables[0].fnames, table.name, table.fnames, ONE_DATA_SET)
    judged, truth = read_truth(labels_of_run(first, part), tables[0])
    tables = [table.ordered(judged.fnames, judged.vocabulary) for table in tables]
    for run, table in zip(runs, tables, strict=True):
        _check_labels(first, run, part, table, truth.targets)
    parts = zip(runs, _names(runs), folds, tables, strict=True)
    return Candidates(SOURCES[part], judged.vocabulary, truth, [_candidate(*of_run) for of_run in parts])


def _check_finished(run: Path) -> None:
    read_labels(run)  # says what is no run
    if not read_manifest(run):
        raise UserError(f"{run} is of an earlier version, which did not note its clips: train it anew")
    if not is_done(run):
        raise UserError(f"{run} is not finished: repeat the command that trained it, with the same --run_dir")


def best_fold(run: Path) -> int:
    """The fold with the highest lwlrap of its own held-out clips.

    Raises:
        UserError: metrics.json knows other folds than those that are done.
    """
    folds, lwlraps = RunDirectory(run).scored_folds(), read_results(run).out_of_fold.folds
    if len(folds) != len(lwlraps):
        raise UserError(
            f"{run} has {counted(len(folds), 'fold')}, and results of {len(lwlraps)}: finish that run first"
        )
    return folds[int(np.argmax(lwlraps))]


def _scores(run: Path, fold: int, part: str) -> ScoreTable:
    """What a fold says of the test clips, or of those that it has not seen."""
    directory = RunDirectory(run)
    if fold not in directory.scored_folds():
        there = listed(directory.scored_folds())
        raise UserError(
            f"{run} has no fold {fold}, whose clips judge the runs, but {there}: train it with --folds={fold}"
        )
    saved = load_fold_scores(directory.fold(fold))
    named = saved.test if part == TEST else saved.held_out
    return ScoreTable(f"{run}, fold {fold},", tuple(named.fnames.tolist()), read_labels(run), named.scores)


def _check_labels(first: Path, run: Path, part: str, table: ScoreTable, targets: np.ndarray) -> None:
    theirs, truth = read_truth(labels_of_run(run, part), table)
    other = np.any(truth.targets != targets, axis=1)
    if other.any():
        names = listed(np.array(theirs.fnames)[other], 3)
        raise UserError(f"{run} has other labels than {first} for {names}{ONE_DATA_SET}")


def _candidate(run: Path, name: str, fold: int, table: ScoreTable) -> Candidate:
    recipe = read_manifest(run).recipe
    return Candidate(run, name, fold, recipe["windows"], recipe["precision"], table.scores)


def _names(runs: Sequence[Path]) -> list[str]:
    """The runs' own names, or their paths where two are called the same."""
    names = [run.resolve().name for run in runs]
    return names if len(set(names)) == len(names) else list(map(str, runs))
