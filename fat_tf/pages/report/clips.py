"""Clips worth listening to: the worst, the most surprising, confusions, false alarms."""

from dataclasses import dataclass

import numpy as np

from fat_tf.errors import counted
from fat_tf.metrics.blocks import blocks
from fat_tf.metrics.false_alarms import THRESHOLD
from fat_tf.pages.report.run_view import JudgedClips

WORST, SURPRISING, PAIRS, OF_PAIR, ALARMS = 12, 12, 8, 2, 6  # clips and pairs of classes that are shown
TOP = 3  # classes shown of a clip


@dataclass(frozen=True)
class ShownClip:
    """A clip. labels: given. top: (class, score, whether it is a label), best first. why: in a few words."""

    source: str
    fname: str
    labels: tuple[str, ...]
    top: tuple[tuple[str, float, bool], ...]
    fold: int | None
    start: float
    why: str


@dataclass(frozen=True)
class ClipList:
    """Clips under a heading; `anchor` is unique on the page."""

    anchor: str
    title: str
    explanation: str
    clips: list[ShownClip]


def clip_lists(judged: JudgedClips, everything: bool = False) -> list[ClipList]:
    """Lists of clips with something to hear; `everything`: all clips that are not perfect among the worst ones."""
    lists = [worst(judged, len(judged.table.fnames) if everything else WORST), surprising(judged)]
    return [found for found in [*lists, *confused(judged), alarms(judged)] if found.clips]


def worst(judged: JudgedClips, most: int) -> ClipList:
    """Clips with the lowest lwlrap; among equals those whose labels score lowest."""
    precision, highest = judged.precision, _highest(judged, of_labels=True)
    order = [clip for clip in np.lexsort((highest, precision)) if precision[clip] < 1][:most]
    clips = [_shown(judged, clip, f"lwlrap {precision[clip]:.3f}") for clip in order]
    return ClipList("worst", "Worst clips", "Their labels rank lowest. Is the label wrong, or the model?", clips)


def surprising(judged: JudgedClips) -> ClipList:
    """Clips with the highest score of a class that is no label of theirs: a label may be missing."""
    tagged, names = judged.truth.targets.any(axis=1), judged.table.vocabulary
    order = [clip for clip in np.argsort(-_highest(judged, of_labels=False), kind="stable") if tagged[clip]]
    clips = []
    for clip in order[:SURPRISING]:
        other = np.where(judged.truth.targets[clip], 0, judged.table.scores[clip]).argmax()
        clips.append(_shown(judged, clip, f"{names[other]} is no label"))
    about = "The model is surest of a class that was not given. Was the label forgotten?"
    return ClipList("surprising", "Most surprising clips", about, clips)


def confused(judged: JudgedClips) -> list[ClipList]:
    """A list for each of the most frequent confusions, the clearest clips first."""
    return [_pair(judged, number, pair) for number, pair in enumerate(judged.report["confusions"][:PAIRS], start=1)]


def _pair(judged: JudgedClips, number: int, pair: dict) -> ClipList:
    label, top = (judged.table.vocabulary.index(pair[key]) for key in ("truth", "taken_for"))
    found = judged.mistaken(label, top)
    margin = judged.table.scores[found, top] - judged.table.scores[found, label]
    clips = [_shown(judged, clip, "") for clip in found[np.argsort(-margin, kind="stable")][:OF_PAIR]]
    about = f"{pair['clips']} of {counted(pair['of'], 'clip')}"
    return ClipList(f"confused-{number}", f"{pair['truth']} taken for {pair['taken_for']}", about, clips)


def alarms(judged: JudgedClips) -> ClipList:
    """Clips of the background in which something is heard."""
    highest = np.where(judged.truth.targets.any(axis=1), 0, judged.table.scores.max(axis=1))
    order = [clip for clip in np.argsort(-highest, kind="stable") if highest[clip] > THRESHOLD][:ALARMS]
    clips = [_shown(judged, clip, "background") for clip in order]
    return ClipList("alarms", "False alarms", "Clips of the background in which something is heard.", clips)


def _highest(judged: JudgedClips, of_labels: bool) -> np.ndarray:
    """Each clip's highest score of its labels, or of the other classes, (clips,)."""
    both = blocks(judged.truth.targets, judged.table.scores)
    return np.concatenate([np.where(truth == of_labels, scores, 0).max(axis=1) for truth, scores in both])


def _shown(judged: JudgedClips, clip: int, why: str) -> ShownClip:
    scores, targets, names = judged.table.scores[clip], judged.truth.targets[clip], judged.table.vocabulary
    best = np.argsort(-scores, kind="stable")[:TOP]
    top = tuple((names[k], float(scores[k]), bool(targets[k])) for k in best)
    fname = judged.table.fnames[clip]
    labels = tuple(names[k] for k in np.flatnonzero(targets))
    return ShownClip(judged.source, fname, labels, top, judged.folds.get(fname), judged.starts.get(fname, 0.0), why)
