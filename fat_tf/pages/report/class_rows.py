"""Each class of a run: its clips, its lwlrap with interval, what it is taken for."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from fat_tf.evaluation.text import weakest_first
from fat_tf.metrics.bootstrap import interval_of_ratio
from fat_tf.metrics.lwlrap import class_precision
from fat_tf.pages.report.run_view import JudgedClips

FEW = 2  # clips of a class from which on an interval is told


@dataclass(frozen=True)
class ClassRow:
    """A class. clips: with its label, of those judged. lwlrap, interval: None without such clips, or with few.

    taken_for: the class that its clips are most often taken for, and in how many; or an empty text and 0.
    """

    name: str
    clips: int
    lwlrap: float | None
    interval: tuple[float, float] | None
    taken_for: str
    mistakes: int


def class_rows(judged: JudgedClips) -> list[ClassRow]:
    """All classes, the weakest first; intervals are 95 % bootstrap intervals over the clips of the class."""
    precision = class_precision(judged.truth.targets, judged.table.scores)
    per_class = judged.report["per_class"]
    most = _most_taken_for(judged)
    rows = []
    for name in weakest_first(per_class):
        place = judged.table.vocabulary.index(name)
        values, groups = precision[place], judged.truth.groups
        groups = None if groups is None else groups[judged.truth.targets[:, place]]
        interval = interval_of_ratio(values, np.ones(len(values)), groups) if len(values) >= FEW else None
        taken_for, mistakes = most.get(name, ("", 0))
        rows.append(ClassRow(name, len(values), per_class[name]["lwlrap"], interval, taken_for, mistakes))
    return rows


def _most_taken_for(judged: JudgedClips) -> dict[str, tuple[str, int]]:
    most: dict[str, Counter] = {}
    for pair in judged.report["confusions"]:
        most.setdefault(pair["truth"], Counter())[pair["taken_for"]] = pair["clips"]
    return {name: counter.most_common(1)[0] for name, counter in most.items()}
