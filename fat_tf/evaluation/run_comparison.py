"""How much better one run is than another, on the same clips, by the labels of the one and of the other."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fat_tf.data.class_names import split_labels
from fat_tf.errors import UserError, listed
from fat_tf.evaluation.truth import SOURCES, Labels, Truth, read_truth
from fat_tf.metrics.bootstrap import interval_of_ratio
from fat_tf.metrics.lwlrap import label_precision
from fat_tf.notices import say
from fat_tf.runs.run_labels import run_labels
from fat_tf.runs.score_table import OUT_OF_FOLD, TEST, ScoreTable, check_same, read_scores, score_file

GIVEN, CORRECTED = "A", "B"  # whose labels
SEEDED = re.compile(r"(.+)(_\d+)", re.DOTALL)
Pairs = Sequence[tuple[Path, Path]]  # of runs, a pair a seed


@dataclass(frozen=True)
class Gain:
    """lwlrap of the first, of the second, the second's gain with its 95 % interval; of so many clips, in groups."""

    what: str
    clips: int
    groups: int
    first: float
    second: float
    gain: float
    ci95: tuple[float, float]


@dataclass(frozen=True)
class Pairing:
    """Two runs on the clips that both scored, by the labels of one of them.

    part: of OUT_OF_FOLD and TEST. labels: GIVEN or CORRECTED, or empty where both have the same. changed: clips whose
    labels differ. gains: of all clips and, where there are both, of those with one label and with more. per_class: in
    falling order. left_out: clips that only one has.
    """

    part: str
    labels: str
    changed: int
    gains: list[Gain]
    per_class: list[Gain]
    left_out: int


def seed_pairs(first: Path, second: Path) -> list[tuple[Path, Path]]:
    """The runs NAME and NAME_SEED beside two runs, each of which may be one of a seed, by the seeds that both have.

    Raises:
        UserError: they have none in common, or are two of one recipe.
    """
    first, second = (run if run.name.strip(".") else run.resolve() for run in (first, second))
    first, second = _without_seed(first, second), _without_seed(second, first)
    if first == second:
        raise UserError(f"Both are runs of {first} with another seed: leave out --seeds, or name runs of two recipes")
    of_first, of_second = (_by_seed(run) for run in (first, second))
    if not (seeds := sorted(of_first.keys() & of_second.keys())):
        raise UserError(f"{first} and {second} have no seed in common: a pair is NAME and NAME, or NAME_7 and NAME_7")
    if alone := [place.name for place in _without_partner(of_first, of_second)]:
        say(f"Without a partner of its seed, and left out: {listed(alone)}")
    return [(of_first[seed], of_second[seed]) for seed in seeds]


def _without_seed(run: Path, other: Path) -> Path:
    """NAME of NAME_SEED, where the other one has a seed too, or a run of this one beside it; else the run itself."""
    if not (seeded := SEEDED.fullmatch(run.name)):
        return run
    partner = other.with_name(other.name + seeded[2])
    is_seed = SEEDED.fullmatch(other.name) or (partner != run and _is_scored(partner))
    return run.with_name(seeded[1]) if is_seed else run


def _without_partner(of_first: dict[str, Path], of_second: dict[str, Path]) -> list[Path]:
    return [place for seed, place in {**of_first, **of_second}.items() if (seed in of_first) != (seed in of_second)]


def _by_seed(run: Path) -> dict[str, Path]:
    """Finished runs beside this one that are called NAME or NAME_SEED, by "_SEED"."""
    places = [run, *run.parent.glob("*")]
    named = {place.name.removeprefix(run.name): place for place in places if place.name.startswith(run.name)}
    return {seed: place for seed, place in named.items() if re.fullmatch(r"(_\d+)?", seed) and _is_scored(place)}


def _is_scored(run: Path) -> bool:
    return (run / OUT_OF_FOLD).is_file()


def pairings(pairs: Pairs) -> list[Pairing]:
    """Out of fold, then on the test clips if both know some of their labels; each by the labels of both runs.

    A clip's gain is the mean over the pairs; clips are resampled (Efron and Tibshirani, 1993), groups of them whole,
    and so are the pairs, if there are several.

    Raises:
        UserError: runs of other classes, without scores, or without a clip in common.
    """
    found = _pairings(pairs, OUT_OF_FOLD)
    if all((run / TEST).is_file() for pair in pairs for run in pair):
        found += _pairings(pairs, TEST)
    return found


def _pairings(pairs: Pairs, part: str) -> list[Pairing]:
    runs = [run for pair in pairs for run in pair]
    read = [read_scores(score_file(run, part)) for run in runs]
    for table in read[1:]:
        check_same("classes", read[0].name, read[0].vocabulary, table.name, table.vocabulary)
    labels = [run_labels(run, SOURCES[part]).set_index("fname", drop=False) for run in runs[:2]]
    if part == TEST and not all(map(len, labels)):
        return []
    kept = _in_all([*(table.fnames for table in read), *(rows.index for rows in labels)])
    if not kept:
        raise UserError(f"{runs[0]} and {runs[1]} have no clip in common that both scored")
    tables = [table.ordered(kept, read[0].vocabulary) for table in read]
    left_out = len(set.union(*(set(table.fnames) for table in read))) - len(kept)
    changed = _changed(*(rows["labels"].loc[kept] for rows in labels))
    versions = [(GIVEN, labels[0]), (CORRECTED, labels[1])] if changed else [("", labels[0])]
    truths = [Labels(str(run), rows.loc[kept], partly=True) for run, (_, rows) in zip(runs, versions, strict=False)]
    read_truths = [read_truth(truth, tables[0])[1] for truth in truths]
    return [
        Pairing(part, name, changed, *_gains(tables, truth), left_out)
        for (name, _), truth in zip(versions, read_truths, strict=True)
    ]


def _in_all(names: Sequence[Sequence[str]]) -> list[str]:
    """Those that all have, in the order of the first."""
    shared = set.intersection(*map(set, names))
    return [name for name in names[0] if name in shared]


def _changed(before: pd.Series, now: pd.Series) -> int:
    """How many of the clips have other labels; in whichever order they are written."""
    return sum(set(a) != set(b) for a, b in zip(split_labels(before), split_labels(now), strict=True))


def _gains(tables: Sequence[ScoreTable], truth: Truth) -> tuple[list[Gain], list[Gain]]:
    """Of all clips and kinds of them, and of each class; tables: of the first and the second run, pair after pair."""
    targets, groups = truth.targets, np.arange(len(truth.targets)) if truth.groups is None else truth.groups
    precision = [label_precision(targets, table.scores) for table in tables]
    first, second = (np.stack(precision[start::2]) for start in (0, 1))  # (pairs, clips, classes)
    number = targets.sum(axis=1)
    kinds = {"": number > 0, "one label": number == 1, "more labels": number > 1}
    shown = kinds if kinds["one label"].any() and kinds["more labels"].any() else {"": kinds[""]}
    of_kinds = [
        _gain(name, first[:, clips].sum(axis=2), second[:, clips].sum(axis=2), number[clips], groups[clips])
        for name, clips in shown.items()
    ]
    of_classes = [
        _gain(name, first[:, clips, k], second[:, clips, k], np.ones(clips.sum()), groups[clips])
        for k, name in enumerate(tables[0].vocabulary)
        if (clips := targets[:, k]).any()
    ]
    return of_kinds, sorted(of_classes, key=lambda of_class: -of_class.gain)


def _gain(what: str, first: np.ndarray, second: np.ndarray, labels: np.ndarray, groups: np.ndarray) -> Gain:
    """first, second: sums of the precision at each label, (pairs, clips); labels: their number; groups: of clips."""
    values = [float(precision.mean(axis=0).sum() / labels.sum()) for precision in (first, second)]
    ci95 = interval_of_ratio(second - first, labels, groups)
    return Gain(what, len(labels), len(np.unique(groups)), *values, values[1] - values[0], ci95)
