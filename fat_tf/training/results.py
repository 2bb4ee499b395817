"""Scores of a run: out of fold, on the test clips, and what they are worth."""

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd

from fat_tf.files import written_whole
from fat_tf.metrics import accuracy_interval, bootstrap_interval, lwlrap, overall_lwlrap, paired_difference
from fat_tf.training.baseline import chance_scores, linear_scores
from fat_tf.training.fold import MODEL, Fold
from fat_tf.training.material import Material
from fat_tf.training.recipe import Recipe
from fat_tf.training.run_directory import SCORES, RunDirectory
from fat_tf.training.state import HELD_OUT


def score_fold(fold: Fold, material: Material) -> None:
    """Score the fold's validation clips and the test clips with its best weights, into scores.npz; once."""
    if (fold.folder / SCORES).exists():
        return
    fold.networks.saved.load_weights(fold.folder / MODEL)  # best of all stages
    data, windows = fold.data, fold.recipe.windows
    validation = fold.score(data.held_out, data.targets, windows).scores
    test = fold.score(material.test, data.targets, windows).scores if len(material.test) else np.zeros((0, 0))
    with written_whole(fold.folder / SCORES) as unfinished, open(unfinished, "wb") as file:
        np.savez(file, validation=validation, test=test, steps=fold.steps())


def collect(recipe: Recipe, run: RunDirectory, material: Material) -> dict[str, object]:
    """Write oof_scores.csv, test_scores.csv and metrics.json from all folds that are scored; returns the metrics."""
    folds = run.scored_folds()
    saved = {fold: np.load(run.fold(fold) / SCORES) for fold in folds}
    rows = material.curated[np.isin(material.folds, folds)]
    oof = np.zeros(material.targets.shape)
    for fold, arrays in saved.items():
        oof[material.curated[material.folds == fold]] = arrays["validation"]
    vocabulary = material.dataset.vocabulary
    run.write_scores("oof_scores.csv", material.clips["fname"].iloc[rows], oof[rows], vocabulary)
    metrics = measure(material.targets[rows], oof[rows], vocabulary)
    of_folds = [material.curated[material.folds == fold] for fold in folds]
    metrics["folds"] = [overall_lwlrap(material.targets[r], oof[r]) for r in of_folds]
    metrics["lwlrap_mean_of_folds"] = float(np.mean(metrics["folds"]))
    if len(material.test):
        test = np.mean([arrays["test"] for arrays in saved.values()], axis=0)
        run.write_scores("test_scores.csv", material.clips["fname"].iloc[material.test], test, vocabulary)
        if material.test_is_labelled:
            truth = material.targets[material.test]
            metrics["test"] = _measure_test(recipe, material, test)
            metrics["test"]["folds"] = [overall_lwlrap(truth, arrays["test"]) for arrays in saved.values()]
    metrics["steps"] = [int(arrays["steps"]) for arrays in saved.values()]
    histories = [pd.read_csv(run.fold(fold) / "history.csv") for fold in folds]
    metrics["seconds"] = round(sum(history["seconds"].sum() for history in histories), 1)
    if recipe.inner_share:
        metrics["checkpoint_optimism"] = checkpoint_optimism(histories)
    run.write("metrics.json", json.dumps(metrics, indent=1) + "\n")
    return metrics


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


def _measure_test(recipe: Recipe, material: Material, scores: np.ndarray) -> dict[str, object]:
    """Test metrics; beside them chance and, where the recipe asks for it, the linear baseline."""
    truth = material.targets[material.test]
    metrics = measure(truth, scores, material.dataset.vocabulary)
    metrics["chance"] = float(np.mean([overall_lwlrap(truth, s) for s in chance_scores(*truth.shape, recipe.seed)]))
    if recipe.baseline and recipe.features == "cached":
        linear = linear_scores(material.source, material.targets, material.curated, material.test)
        gain, interval = paired_difference(truth, scores, linear)
        metrics["baseline"] = overall_lwlrap(truth, linear)
        metrics["gain"], metrics["gain_ci95"] = gain, list(interval)
    return metrics
