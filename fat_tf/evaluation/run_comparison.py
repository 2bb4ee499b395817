"""Finished runs side by side."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fat_tf.config.messages import did_you_mean
from fat_tf.errors import UserError
from fat_tf.evaluation.truth import Labels, labels_of_run, read_truth
from fat_tf.metrics import with_interval
from fat_tf.metrics.bootstrap import interval_of_ratio
from fat_tf.metrics.lwlrap import label_precision
from fat_tf.runs.finished import METRICS
from fat_tf.runs.score_table import OUT_OF_FOLD, aligned, read_scores, score_file

ROUNDS = 2000  # of the bootstrap
COLUMNS = ("run", "test lwlrap", "folds alone on test", "out of fold", "steps a fold", "minutes")


def comparison_table(runs: Sequence[Path]) -> str:
    """A Markdown table of finished runs.

    Test lwlrap of the folds' mean with its 95 % bootstrap interval, test lwlrap of each fold alone, pooled
    out-of-fold lwlrap, optimiser steps of a fold (mean), minutes.
    """
    rows = [COLUMNS, ["---"] * len(COLUMNS), *map(_row, runs)]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


def _row(run: Path) -> list[str]:
    try:
        return _figures(run.name, json.loads((run / METRICS).read_text("utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{run / METRICS} is damaged ({error!r}): the command that trained it writes it again"
        ) from error


def _figures(name: str, metrics: dict) -> list[str]:
    test = metrics.get("test")
    return [
        name,
        with_interval(test["lwlrap"], test["lwlrap_ci95"]) if test else "",
        ", ".join(f"{of_fold:.3f}" for of_fold in test["folds"]) if test else "",
        f"{metrics['lwlrap']:.3f}",
        f"{np.mean(metrics['steps']):,.0f}",
        f"{metrics['seconds'] / 60:.0f}",
    ]


def paired_gain(runs: Sequence[Path], first: str, second: str, labels: Labels | None = None) -> str:
    """How much better the second run is than the first, out of fold, over all seeds that both have.

    The runs of a name are NAME and NAME_SEED. A clip's gain is the mean over the seeds; clips are resampled. Clips with
    one label and with more are told apart: noisy clips are chosen among those with one.

    Args:
        runs: finished ones, these two among them.
        first, second: names.
        labels: to judge by; None: those that the first run was trained with.

    Raises:
        UserError: no such runs, no seed that both have, or runs of other clips.
    """
    pairs = _pairs(runs, first, second)
    tables = aligned([read_scores(score_file(run, OUT_OF_FOLD)) for pair in pairs for run in pair])
    first_table, judged = read_truth(labels or labels_of_run(pairs[0][0], OUT_OF_FOLD), tables[0])
    scores = [table.ordered(first_table.fnames, first_table.vocabulary).scores for table in tables]
    precision = [label_precision(judged.targets, of_run).sum(axis=1) for of_run in scores]
    gain = np.mean(precision[1::2], axis=0) - np.mean(precision[::2], axis=0)
    number = judged.targets.sum(axis=1)
    parts = {"": number > 0, "; clips with one label ": number == 1, ", with more ": number > 1}
    told = "".join(part + _gain(gain[clips], number[clips]) for part, clips in parts.items() if clips.any())
    return f"{second} minus {first}, out of fold, {len(pairs)} seed{'s' * (len(pairs) > 1)}: {told}"


def _gain(gain: np.ndarray, labels: np.ndarray) -> str:
    return with_interval(gain.sum() / labels.sum(), interval_of_ratio(gain, labels, ROUNDS, seed=0))


def _pairs(runs: Sequence[Path], first: str, second: str) -> list[tuple[Path, Path]]:
    """Runs of the first name and of the second with the same seed."""
    of_first, of_second = (_by_seed(runs, name) for name in (first, second))
    if not (seeds := sorted(of_first.keys() & of_second.keys())):
        raise UserError(f"{first} and {second} have no seed in common: a pair is NAME and NAME, or NAME_7 and NAME_7")
    return [(of_first[seed], of_second[seed]) for seed in seeds]


def _by_seed(runs: Sequence[Path], name: str) -> dict[str, Path]:
    """Runs called NAME or NAME_SEED, by "_SEED"."""
    found = {run.name.removeprefix(name): run for run in runs if re.fullmatch(rf"{re.escape(name)}(_\d+)?", run.name)}
    if not found:
        raise UserError(f"There is no finished run {name}{did_you_mean(name, [run.name for run in runs])}")
    return found
