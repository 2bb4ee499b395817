"""Scores of a run: out of fold, on the test clips, and what they are worth."""

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd

from fat_tf.errors import listed
from fat_tf.metrics import accuracy_interval, bootstrap_interval, lwlrap, overall_lwlrap, paired_difference
from fat_tf.metrics.false_alarms import false_alarms
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.file_names import METRICS, MODEL, SCORES
from fat_tf.runs.fold_scores import FoldScores, NamedScores, load_fold_scores, save_fold_scores
from fat_tf.runs.fold_state import HELD_OUT, read_history
from fat_tf.runs.score_table import OUT_OF_FOLD, TEST, ScoreTable, write_scores
from fat_tf.training.baseline import chance_lwlraps, linear_scores
from fat_tf.training.board.clips import ValidationClips
from fat_tf.training.board.run_board import RunBoard
from fat_tf.training.fold_trainer import FoldTrainer
from fat_tf.training.recipe import Recipe
from fat_tf.training.run_data import RunData
from fat_tf.training.stage import unrolled


def score_fold(trainer: FoldTrainer, run_data: RunData) -> None:
    """Score the fold's held-out clips and the test clips with the weights that it keeps, into scores.npz."""
    trainer.networks.saved.load_weights(trainer.folder / MODEL)  # best of all stages
    stages = tuple(stage.name for stage in unrolled(trainer.recipe.stages))
    held_out, test = (_score(trainer, rows) for rows in (trainer.data.held_out, run_data.test))
    save_fold_scores(trainer.folder, FoldScores(held_out, test, trainer.steps(), stages))


def _score(trainer: FoldTrainer, rows: np.ndarray) -> NamedScores:
    names = trainer.data.names[rows]
    if not len(rows):
        return NamedScores(names, np.zeros((0, 0)), np.zeros(0))
    scored = trainer.score(rows, trainer.data.targets, trainer.recipe.windows)
    return NamedScores(names, scored.scores, scored.starts)


def write_results(recipe: Recipe, run: RunDirectory, run_data: RunData) -> dict[str, object]:
    """Write oof_scores.csv, test_scores.csv and metrics.json from all folds that are done; returns the metrics."""
    folds = run.folds_through([stage.name for stage in unrolled(recipe.stages)])
    if waiting := sorted(set(run.scored_folds()) - set(folds)):
        print(f"The results leave out folds that have not been through all stages: {listed(waiting)}", flush=True)
    rows = run_data.curated[np.isin(run_data.folds, folds)]
    seen = _Scores(run, run_data, rows)
    for fold in folds:  # one at a time: those of a million clips are gigabytes
        seen.add(fold)
    names, vocabulary = run_data.clips["fname"].to_numpy()[rows], run_data.dataset.vocabulary
    _write_scores(run, OUT_OF_FOLD, names, seen.out_of_fold, vocabulary)
    metrics = measure(run_data.targets[rows], seen.out_of_fold, vocabulary, run_data.groups[rows])
    metrics["folds"] = seen.lwlraps
    metrics["lwlrap_mean_of_folds"] = float(np.mean(metrics["folds"]))
    if len(run_data.test):
        metrics |= _test_results(recipe, run, run_data, seen)
    metrics["steps"] = seen.steps
    histories = [read_history(run.fold(fold)) for fold in folds]
    metrics["seconds"] = round(sum(history["seconds"].sum() for history in histories), 1)
    if recipe.inner_share and not recipe.last_weights:
        metrics["checkpoint_optimism"] = checkpoint_optimism(histories)
    run.write(METRICS, json.dumps(metrics, indent=1) + "\n")
    paths = run_data.clips["path"].to_numpy()[rows]
    clips = ValidationClips(names, paths, run_data.targets[rows] > 0, seen.out_of_fold, vocabulary)
    RunBoard(run, recipe.board).end(metrics, histories, clips)
    return metrics


class _Scores:
    """What the folds of a run say, added one by one.

    out_of_fold (rows, classes); test: sum over the folds, (test clips, classes). lwlraps, test_lwlraps and steps: of
    each fold.

    Args:
        run: has them.
        run_data: has the clips.
        rows: of the clips that are judged out of fold, sorted.
    """

    def __init__(self, run: RunDirectory, run_data: RunData, rows: np.ndarray):
        self._run, self._data, self._rows = run, run_data, rows
        classes = run_data.targets.shape[1]
        self.out_of_fold, self.test = np.zeros((len(rows), classes)), np.zeros((len(run_data.test), classes))
        self.lwlraps, self.test_lwlraps, self.steps = [], [], []

    def add(self, fold: int) -> None:
        """Read the scores of a fold."""
        saved, where = load_fold_scores(self._run.fold(fold)), str(self._run.fold(fold) / SCORES)
        names, targets = self._data.clips["fname"].to_numpy(), self._data.targets
        rows = self._data.curated[self._data.folds == fold]
        held_out = saved.held_out.of(names[rows], where)
        if len(rows) == len(self._rows):  # a fold alone: of very many clips a copy would be gigabytes
            self.out_of_fold = held_out
        else:
            self.out_of_fold[np.searchsorted(self._rows, rows)] = held_out
        self.lwlraps.append(overall_lwlrap(targets[rows], held_out))
        self.steps.append(saved.steps)
        if len(self.test):
            test = saved.test.of(names[self._data.test], where)
            self.test += test
            if self._data.test_is_labelled:
                self.test_lwlraps.append(overall_lwlrap(targets[self._data.test], test))


def _test_results(recipe: Recipe, run: RunDirectory, run_data: RunData, seen: _Scores) -> dict[str, object]:
    """Write test_scores.csv, the mean of the folds; returns the key "test" where labels are known."""
    names, mean = run_data.clips["fname"].to_numpy()[run_data.test], seen.test / len(seen.steps)
    _write_scores(run, TEST, names, mean, run_data.dataset.vocabulary)
    if not run_data.test_is_labelled:
        return {}
    return {"test": _measure_test(recipe, run_data, mean) | {"folds": seen.test_lwlraps}}


def _write_scores(
    run: RunDirectory, name: str, fnames: np.ndarray, scores: np.ndarray, vocabulary: tuple[str, ...]
) -> None:
    write_scores(run.folder / name, ScoreTable(name, tuple(fnames), vocabulary, scores))


def measure(
    truth: np.ndarray, scores: np.ndarray, vocabulary: tuple[str, ...], groups: np.ndarray | None = None
) -> dict[str, object]:
    """lwlrap and accuracy of the top class with 95 % bootstrap intervals, lwlrap of each class, and false alarms.

    Background, the clips without a label, counts for the last alone.

    Args:
        truth, scores: (clips, classes).
        vocabulary: the classes.
        groups: (clips,) int, which intervals resample whole; None: each clip is one of its own.
    """
    background = false_alarms(truth, scores, vocabulary)
    if not (tagged := truth.any(axis=1)).all():  # a copy of the scores of a million clips is 4 GB
        truth, scores, groups = truth[tagged], scores[tagged], None if groups is None else groups[tagged]
    per_class, weight = lwlrap(truth, scores)
    accuracy, accuracy_ci95 = accuracy_interval(truth, scores, groups=groups)
    return {
        "lwlrap": float((per_class * weight).sum()),
        "lwlrap_ci95": list(bootstrap_interval(truth, scores, groups=groups)),
        "accuracy": accuracy,
        "accuracy_ci95": list(accuracy_ci95),
        "per_class": _known(vocabulary, per_class, weight),
        **background,
    }


def _known(vocabulary: tuple[str, ...], per_class: np.ndarray, weight: np.ndarray) -> dict[str, float | None]:
    """lwlrap of each class by name; None where no clip has it."""
    each = zip(vocabulary, per_class.tolist(), weight, strict=True)
    return {name: value if share else None for name, value, share in each}


def checkpoint_optimism(histories: Sequence[pd.DataFrame]) -> float:
    """By how much choosing the epoch on the folds' own clips would have flattered them.

    Their best lwlrap over all epochs minus that of the epoch which the inner split chose; mean of the folds.
    """
    flattery = [history[HELD_OUT].max() - history[HELD_OUT][history["val_lwlrap"].idxmax()] for history in histories]
    return float(np.mean(flattery))


def _measure_test(recipe: Recipe, run_data: RunData, scores: np.ndarray) -> dict[str, object]:
    """Test metrics; beside them chance and, where the recipe asks for it, the linear baseline."""
    truth, groups = run_data.targets[run_data.test], run_data.groups[run_data.test]
    metrics = measure(truth, scores, run_data.dataset.vocabulary, groups)
    metrics["chance"] = float(np.mean(chance_lwlraps(truth, recipe.seed)))
    if recipe.baseline and not recipe.fits_baseline:
        print("No linear model to compare with: it is fitted to the pictures of Recipe.features = 'cached'", flush=True)
    if recipe.fits_baseline:
        print("Fitting a linear model to log-mel statistics, to compare with", flush=True)
        linear = linear_scores(run_data.source, run_data.targets, run_data.curated, run_data.test)
        gain, interval = paired_difference(truth, scores, linear, groups=groups)
        metrics["baseline"] = overall_lwlrap(truth, linear)
        metrics["gain"], metrics["gain_ci95"] = gain, list(interval)
    return metrics
