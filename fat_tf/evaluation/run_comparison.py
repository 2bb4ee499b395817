"""Runs below one folder, side by side."""

import json
import re
from pathlib import Path

import numpy as np

from fat_tf.data import AudioDataset
from fat_tf.errors import UserError
from fat_tf.metrics import with_interval
from fat_tf.metrics.bootstrap import interval_of_ratio
from fat_tf.metrics.lwlrap import label_precision
from fat_tf.runs.score_table import read_scores

ROUNDS = 2000  # of the bootstrap

COLUMNS = ("run", "test lwlrap", "folds alone on test", "out of fold", "steps a fold", "minutes")


def comparison_table(run_dir: str | Path) -> str:
    """A Markdown table of the finished runs below a folder.

    Test lwlrap of the folds' mean with its 95 % bootstrap interval, test lwlrap of each fold alone, pooled
    out-of-fold lwlrap, optimiser steps of a fold (mean), minutes.

    Raises:
        UserError: no finished runs there.
    """
    runs = sorted(file.parent for file in Path(run_dir).glob("*/metrics.json"))
    if not runs:
        raise UserError(f"{run_dir} holds no finished runs")
    rows = [COLUMNS, ["---"] * len(COLUMNS), *map(_row, runs)]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


def _row(run: Path) -> list[str]:
    metrics = json.loads((run / "metrics.json").read_text())
    test = metrics.get("test")
    return [
        run.name,
        with_interval(test["lwlrap"], test["lwlrap_ci95"]) if test else "",
        ", ".join(f"{of_fold:.3f}" for of_fold in test["folds"]) if test else "",
        f"{metrics['lwlrap']:.3f}",
        f"{np.mean(metrics['steps']):,.0f}",
        f"{metrics['seconds'] / 60:.0f}",
    ]


def paired_gain(run_dir: str | Path, dataset: AudioDataset, first: str, second: str) -> str:
    """How much better the second run is than the first, out of fold, over all seeds that both have.

    The runs of a name are NAME and NAME_SEED. A clip's gain is the mean over the seeds; clips are resampled. Clips with
    one label and with more are told apart: noisy clips are chosen among those with one.

    Raises:
        UserError: runs without a partner, or of other clips.
    """
    pairs = [(run, run.with_name(run.name.replace(first, second, 1))) for run in _seeds(Path(run_dir), first)]
    gains = []
    for run, partner in pairs:
        scores = [_out_of_fold(folder, dataset) for folder in (run, partner)]
        truth = dataset.targets(dataset.of("curated")) > 0
        gains.append((label_precision(truth, scores[1]) - label_precision(truth, scores[0])).sum(axis=1))
    gain, labels = np.mean(gains, axis=0), truth.sum(axis=1)
    parts = {"": labels > 0, "; clips with one label ": labels == 1, ", with more ": labels > 1}
    told = "".join(part + _gain(gain[clips], labels[clips]) for part, clips in parts.items() if clips.any())
    return f"{second} minus {first}, out of fold, {len(pairs)} seeds: {told}"


def _gain(gain: np.ndarray, labels: np.ndarray) -> str:
    return with_interval(gain.sum() / labels.sum(), interval_of_ratio(gain, labels, ROUNDS, seed=0))


def _seeds(folder: Path, name: str) -> list[Path]:
    runs = [run for run in sorted(folder.iterdir()) if re.fullmatch(rf"{re.escape(name)}(_\d+)?", run.name)]
    if not runs:
        raise UserError(f"{folder} has no run {name}")
    return runs


def _out_of_fold(run: Path, dataset: AudioDataset) -> np.ndarray:
    """Scores of the curated clips, (clips, classes), in the order of the data set."""
    file = run / "oof_scores.csv"
    if not file.is_file():
        raise UserError(f"{file} is missing: finish that run first")
    table, fnames = read_scores(file), dataset.of("curated")["fname"]
    if set(table.fnames) != set(fnames) or set(table.vocabulary) != set(dataset.vocabulary):
        raise UserError(f"{file} scores other clips or classes than {dataset.folder} has")
    return table.ordered(fnames, dataset.vocabulary).scores
