"""Scores of a run: out of fold, on the test clips, and what they are worth."""

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fat_tf.errors import listed
from fat_tf.metrics import accuracy_interval, bootstrap_interval, lwlrap, overall_lwlrap, paired_difference
from fat_tf.metrics.false_alarms import false_alarms
from fat_tf.runs.directory import MODEL, SCORES, RunDirectory
from fat_tf.runs.fold_scores import FoldScores, NamedScores, load_fold_scores, save_fold_scores
from fat_tf.runs.fold_state import HELD_OUT, read_history
from fat_tf.runs.score_table import ScoreTable, write_scores
from fat_tf.training.baseline import chance_lwlraps, linear_scores
from fat_tf.training.board.clips import JudgedClips
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
    saved = [load_fold_scores(run.fold(fold)) for fold in folds]
    names, vocabulary = run_data.clips["fname"].to_numpy(), run_data.dataset.vocabulary
    oof = np.zeros(run_data.targets.shape)
    of_folds = [run_data.curated[run_data.folds == fold] for fold in folds]
    for rows, scores, fold in zip(of_folds, saved, folds, strict=True):
        oof[rows] = scores.held_out.of(names[rows], str(run.fold(fold) / SCORES))
    rows = run_data.curated[np.isin(run_data.folds, folds)]
    _write_scores(run, "oof_scores.csv", names[rows], oof[rows], vocabulary)
    metrics = measure(run_data.targets[rows], oof[rows], vocabulary, run_data.groups[rows])
    metrics["folds"] = [overall_lwlrap(run_data.targets[r], oof[r]) for r in of_folds]
    metrics["lwlrap_mean_of_folds"] = float(np.mean(metrics["folds"]))
    if len(run_data.test):
        metrics |= _test_results(recipe, run, run_data, dict(zip(folds, saved, strict=True)))
    metrics["steps"] = [scores.steps for scores in saved]
    histories = [read_history(run.fold(fold)) for fold in folds]
    metrics["seconds"] = round(sum(history["seconds"].sum() for history in histories), 1)
    if recipe.inner_share and not recipe.last_weights:
        metrics["checkpoint_optimism"] = checkpoint_optimism(histories)
    run.write("metrics.json", json.dumps(metrics, indent=1) + "\n")
    paths = run_data.clips["path"].to_numpy()
    clips = JudgedClips(names[rows], paths[rows], run_data.targets[rows] > 0, oof[rows], vocabulary)
    RunBoard(run, recipe.board).end(metrics, histories, clips)
    return metrics


def _test_results(
    recipe: Recipe, run: RunDirectory, run_data: RunData, saved: Mapping[int, FoldScores]
) -> dict[str, object]:
    """Write test_scores.csv, the mean of the folds; returns the key "test" where labels are known."""
    names = run_data.clips["fname"].to_numpy()[run_data.test]
    of_folds = [scores.test.of(names, str(run.fold(fold) / SCORES)) for fold, scores in saved.items()]
    mean, truth = np.mean(of_folds, axis=0), run_data.targets[run_data.test]
    _write_scores(run, "test_scores.csv", names, mean, run_data.dataset.vocabulary)
    if not run_data.test_is_labelled:
        return {}
    lwlraps = {"folds": [overall_lwlrap(truth, scores) for scores in of_folds]}
    return {"test": _measure_test(recipe, run_data, mean) | lwlraps}


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
    tagged = truth.any(axis=1)
    truth, scores, groups = truth[tagged], scores[tagged], None if groups is None else groups[tagged]
    per_class, weight = lwlrap(truth, scores)
    accuracy, accuracy_ci95 = accuracy_interval(truth, scores, groups=groups)
    return {
        "lwlrap": float((per_class * weight).sum()),
        "lwlrap_ci95": list(bootstrap_interval(truth, scores, groups=groups)),
        "accuracy": accuracy,
        "accuracy_ci95": list(accuracy_ci95),
        "per_class": dict(zip(vocabulary, per_class.tolist(), strict=True)),
        **background,
    }


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
    if recipe.baseline and recipe.features == "cached":
        print("Fitting a linear model to log-mel statistics, to compare with", flush=True)
        linear = linear_scores(run_data.source, run_data.targets, run_data.curated, run_data.test)
        gain, interval = paired_difference(truth, scores, linear, groups=groups)
        metrics["baseline"] = overall_lwlrap(truth, linear)
        metrics["gain"], metrics["gain_ci95"] = gain, list(interval)
    return metrics
