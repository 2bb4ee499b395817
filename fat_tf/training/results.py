"""Scores of a run: out of fold, on the test clips, and what they are worth."""

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd

from fat_tf.files import written_whole
from fat_tf.metrics import accuracy_interval, bootstrap_interval, lwlrap, overall_lwlrap, paired_difference
from fat_tf.runs.directory import MODEL, SCORES, RunDirectory
from fat_tf.runs.fold_state import HELD_OUT
from fat_tf.runs.score_table import ScoreTable, write_scores
from fat_tf.training.baseline import chance_scores, linear_scores
from fat_tf.training.fold_trainer import FoldTrainer
from fat_tf.training.recipe import Recipe
from fat_tf.training.run_data import RunData


def score_fold(trainer: FoldTrainer, run_data: RunData) -> None:
    """Score the fold's validation clips and the test clips with its best weights, into scores.npz; once."""
    file = trainer.folder / SCORES
    if file.exists():
        return
    trainer.networks.saved.load_weights(trainer.folder / MODEL)  # best of all stages
    targets, windows = trainer.data.targets, trainer.recipe.windows
    held_out = trainer.score(trainer.data.held_out, targets, windows).scores
    test = trainer.score(run_data.test, targets, windows).scores if len(run_data.test) else np.zeros((0, 0))
    with written_whole(file) as unfinished, open(unfinished, "wb") as opened:
        np.savez(opened, validation=held_out, test=test, steps=trainer.steps())


def write_results(recipe: Recipe, run: RunDirectory, run_data: RunData) -> dict[str, object]:
    """Write oof_scores.csv, test_scores.csv and metrics.json from all folds that are scored; returns the metrics."""
    folds = run.scored_folds()
    saved = {fold: np.load(run.fold(fold) / SCORES) for fold in folds}
    rows = run_data.curated[np.isin(run_data.folds, folds)]
    oof = np.zeros(run_data.targets.shape)
    for fold, arrays in saved.items():
        oof[run_data.curated[run_data.folds == fold]] = arrays["validation"]
    vocabulary = run_data.dataset.vocabulary
    _write_scores(run, "oof_scores.csv", run_data.clips["fname"].iloc[rows], oof[rows], vocabulary)
    metrics = measure(run_data.targets[rows], oof[rows], vocabulary)
    of_folds = [run_data.curated[run_data.folds == fold] for fold in folds]
    metrics["folds"] = [overall_lwlrap(run_data.targets[r], oof[r]) for r in of_folds]
    metrics["lwlrap_mean_of_folds"] = float(np.mean(metrics["folds"]))
    if len(run_data.test):
        test = np.mean([arrays["test"] for arrays in saved.values()], axis=0)
        _write_scores(run, "test_scores.csv", run_data.clips["fname"].iloc[run_data.test], test, vocabulary)
        if run_data.test_is_labelled:
            truth = run_data.targets[run_data.test]
            metrics["test"] = _measure_test(recipe, run_data, test)
            metrics["test"]["folds"] = [overall_lwlrap(truth, arrays["test"]) for arrays in saved.values()]
    metrics["steps"] = [int(arrays["steps"]) for arrays in saved.values()]
    histories = [pd.read_csv(run.fold(fold) / "history.csv") for fold in folds]
    metrics["seconds"] = round(sum(history["seconds"].sum() for history in histories), 1)
    if recipe.inner_share:
        metrics["checkpoint_optimism"] = checkpoint_optimism(histories)
    run.write("metrics.json", json.dumps(metrics, indent=1) + "\n")
    return metrics


def _write_scores(
    run: RunDirectory, name: str, fnames: pd.Series, scores: np.ndarray, vocabulary: tuple[str, ...]
) -> None:
    write_scores(run.folder / name, ScoreTable(name, tuple(fnames), vocabulary, scores))


def measure(truth: np.ndarray, scores: np.ndarray, vocabulary: tuple[str, ...]) -> dict[str, object]:
    """lwlrap and accuracy of the top class with 95 % bootstrap intervals, and lwlrap of each class."""
    per_class, weight = lwlrap(truth, scores)
    accuracy, accuracy_ci95 = accuracy_interval(truth, scores)
    return {
        "lwlrap": float((per_class * weight).sum()),
        "lwlrap_ci95": list(bootstrap_interval(truth, scores)),
        "accuracy": accuracy,
        "accuracy_ci95": list(accuracy_ci95),
        "per_class": dict(zip(vocabulary, per_class.tolist(), strict=True)),
    }


def checkpoint_optimism(histories: Sequence[pd.DataFrame]) -> float:
    """By how much choosing the epoch on the folds' own clips would have flattered them.

    Their best lwlrap over all epochs minus that of the epoch which the inner split chose; mean of the folds.
    """
    flattery = [history[HELD_OUT].max() - history[HELD_OUT][history["val_lwlrap"].idxmax()] for history in histories]
    return float(np.mean(flattery))


def _measure_test(recipe: Recipe, run_data: RunData, scores: np.ndarray) -> dict[str, object]:
    """Test metrics; beside them chance and, where the recipe asks for it, the linear baseline."""
    truth = run_data.targets[run_data.test]
    metrics = measure(truth, scores, run_data.dataset.vocabulary)
    metrics["chance"] = float(np.mean([overall_lwlrap(truth, s) for s in chance_scores(*truth.shape, recipe.seed)]))
    if recipe.baseline and recipe.features == "cached":
        linear = linear_scores(run_data.source, run_data.targets, run_data.curated, run_data.test)
        gain, interval = paired_difference(truth, scores, linear)
        metrics["baseline"] = overall_lwlrap(truth, linear)
        metrics["gain"], metrics["gain_ci95"] = gain, list(interval)
    return metrics
