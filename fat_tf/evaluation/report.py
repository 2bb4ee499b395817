"""What scores are worth against the truth, as a report that JSON can hold."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fat_tf.errors import UserError
from fat_tf.evaluation.truth import Labels, Truth, read_truth
from fat_tf.metrics import accuracy_interval, bootstrap_interval, lwlrap, overall_lwlrap, paired_difference
from fat_tf.metrics.accuracy import confusion_matrix
from fat_tf.metrics.false_alarms import false_alarms
from fat_tf.metrics.lwlrap import clip_precision
from fat_tf.metrics.ranking import average_precision, roc_auc
from fat_tf.runs.score_table import ScoreTable, aligned, in_one_spelling, read_scores

WORST, TOP = 10, 3  # clips listed, and classes shown of each

Report = dict[str, Any]


def evaluate_files(score_files: Sequence[str | Path], labels: Labels, common_clips: bool = False) -> Report:
    """Judge score files by labels.

    Args:
        score_files: the first is judged in full (see `evaluate`), each of the others against it (see `compare`).
        labels: of their clips.
        common_clips: judge the clips that all files have, instead of stopping where they differ.

    Returns:
        The first file's report; `comparisons` where there are more files; with common_clips `left_out`, how many
        clips of each file were not judged.

    Raises:
        UserError: a file that is wrong, or files that do not fit together.
    """
    read = in_one_spelling([read_scores(file) for file in score_files])
    tables = aligned(_common(read) if common_clips else read)
    first, truth = read_truth(labels, tables[0], common_clips)
    others = [table.ordered(first.fnames, first.vocabulary) for table in tables[1:]]
    report = evaluate(first, truth)
    if others:
        report["comparisons"] = [compare(first, other, truth) for other in others]
    if common_clips:
        sizes = {table.name: len(table.fnames) for table in read} | {labels.name: len(labels.rows)}
        report["left_out"] = {name: size - len(first.fnames) for name, size in sizes.items()}
    return report


def _common(tables: Sequence[ScoreTable]) -> list[ScoreTable]:
    """The clips that all tables have, in the order of the first one."""
    shared = set.intersection(*(set(table.fnames) for table in tables))
    if not shared:
        raise UserError(f"{' and '.join(table.name for table in tables)} have no clip in common")
    kept = [fname for fname in tables[0].fnames if fname in shared]
    return [table.ordered(kept, table.vocabulary) for table in tables]


def evaluate(table: ScoreTable, truth: Truth) -> Report:
    """All metrics of a score table.

    lwlrap and the accuracy of the top class with 95 % bootstrap intervals over clips; average precision and ROC-AUC,
    each the mean over the classes that have it (positives; positives and negatives); `per_class`, `confusions`,
    `worst_clips`; lwlrap by `usage` where the truth has it. What is not defined is None. Background clips, without a
    label, are negatives of average precision and ROC-AUC, and have a part of their own: `background`, see
    `false_alarms`.

    Args:
        table, truth: of the same clips in the same order.
    """
    all_targets, all_scores = truth.targets, table.scores
    background = false_alarms(all_targets, all_scores, table.vocabulary)
    table, truth = _tagged(table, truth)
    targets, scores = truth.targets, table.scores
    clips = targets.sum(axis=0)
    accuracy, accuracy_ci95 = accuracy_interval(targets, scores, groups=truth.groups)
    report = {
        "scores": table.name,
        "clips": len(targets),
        "classes": len(table.vocabulary),
        **_overall(targets, scores, truth.groups),
        "mean_average_precision": _macro(average_precision, all_targets, all_scores, clips > 0),
        "accuracy": accuracy,
        "accuracy_ci95": list(accuracy_ci95),
        "roc_auc": _macro(roc_auc, all_targets, all_scores, (clips > 0) & (clips < len(all_targets))),
        **background,
        "per_class": _per_class(targets, table),
        "confusions": _confusions(targets, table),
        "worst_clips": _worst_clips(targets, table),
    }
    if truth.usage is not None:
        usage = np.array(truth.usage)
        report["usage"] = {str(name): _part(table, truth, usage == name) for name in np.unique(usage)}
    return report


def _tagged(table: ScoreTable, truth: Truth) -> tuple[ScoreTable, Truth]:
    """The clips that have labels."""
    if truth.targets.any(axis=1).all():  # no copy of the scores of a million clips
        return table, truth
    kept = np.flatnonzero(truth.targets.any(axis=1)).tolist()
    fnames = tuple(truth.fnames[clip] for clip in kept)
    usage = truth.usage and tuple(truth.usage[clip] for clip in kept)
    groups = None if truth.groups is None else truth.groups[kept]
    return replace(table, fnames=fnames, scores=table.scores[kept]), Truth(fnames, truth.targets[kept], usage, groups)


def compare(baseline: ScoreTable, other: ScoreTable, truth: Truth) -> Report:
    """lwlrap of `other`, its classes, and its gain over `baseline` with the 95 % paired bootstrap interval.

    Args:
        baseline, other, truth: of the same clips and classes in the same order.
    """
    background = false_alarms(truth.targets, other.scores, other.vocabulary)
    baseline, (other, truth) = _tagged(baseline, truth)[0], _tagged(other, truth)
    gain, gain_ci95 = paired_difference(truth.targets, other.scores, baseline.scores, groups=truth.groups)
    return {
        "scores": other.name,
        **_overall(truth.targets, other.scores, truth.groups),
        **background,
        "gain": gain,
        "gain_ci95": list(gain_ci95),
        "per_class": _per_class(truth.targets, other),
    }


def _overall(targets: np.ndarray, scores: np.ndarray, groups: np.ndarray | None) -> Report:
    interval = bootstrap_interval(targets, scores, groups=groups)
    return {"lwlrap": overall_lwlrap(targets, scores), "lwlrap_ci95": list(interval)}


def _part(table: ScoreTable, truth: Truth, part: np.ndarray) -> Report:
    groups = None if truth.groups is None else truth.groups[part]
    return {"clips": int(part.sum()), **_overall(truth.targets[part], table.scores[part], groups)}


def _macro(metric: Callable[..., float], targets: np.ndarray, scores: np.ndarray, defined: np.ndarray) -> float | None:
    values = [metric(targets[:, k], scores[:, k]) for k in np.flatnonzero(defined)]
    return float(np.mean(values)) if values else None


def _per_class(targets: np.ndarray, table: ScoreTable) -> Report:
    values, _ = lwlrap(targets, table.scores)
    of_classes = zip(table.vocabulary, values.tolist(), targets.sum(axis=0).tolist(), strict=True)
    return {name: {"lwlrap": value if clips else None, "clips": clips} for name, value, clips in of_classes}


def _confusions(targets: np.ndarray, table: ScoreTable) -> list[Report]:
    """Labels taken for another class, the most frequent first.

    A clip whose top class is none of its labels counts for each of them; one whose top class is a label for none.
    """
    matrix, names = confusion_matrix(targets, table.scores), table.vocabulary
    pairs = [(a, b) for a, b in np.argwhere(matrix).tolist() if a != b]
    ranked = sorted(pairs, key=lambda pair: (-matrix[pair], names[pair[0]], names[pair[1]]))
    clips = matrix.sum(axis=1)
    return [
        {"truth": names[a], "taken_for": names[b], "clips": int(matrix[a, b]), "of": int(clips[a])} for a, b in ranked
    ]


def _worst_clips(targets: np.ndarray, table: ScoreTable) -> list[Report]:
    """The clips with the lowest lwlrap, perfect ones apart, with their labels and top classes."""
    summed, labels = clip_precision(targets, table.scores)
    values = summed / labels
    names = np.array(table.vocabulary)
    return [
        {
            "fname": table.fnames[clip],
            "lwlrap": float(values[clip]),
            "labels": names[targets[clip]].tolist(),
            "top": [
                [str(names[k]), float(table.scores[clip, k])]
                for k in np.argsort(-table.scores[clip], kind="stable")[:TOP]
            ],
        }
        for clip in np.lexsort((table.fnames, values))[:WORST]
        if values[clip] < 1
    ]
