"""What an exported model is worth on labelled clips, beside the runs that it is made of."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from fat_tf.errors import UserError
from fat_tf.evaluation.truth import labels_of_file, read_truth
from fat_tf.inference.clip_list import Clip, find_clips
from fat_tf.inference.predictor import ClipScore
from fat_tf.metrics import bootstrap_interval, overall_lwlrap, paired_difference, with_interval
from fat_tf.runs.score_table import ScoreTable

ClipScorer = Callable[[Sequence[Clip]], Iterator[ClipScore]]


def check_truth(truth: str | Path, vocabulary: Sequence[str]) -> None:
    """Raise what `judge` would raise of a CSV, before there is anything to judge."""
    labels = labels_of_file(truth)  # first: a CSV that is not there is told as one
    fnames = tuple(clip.fname for clip in find_clips([truth]))
    table = ScoreTable("the model", fnames, tuple(vocabulary), np.zeros((len(fnames), len(vocabulary))))
    read_truth(labels, table)


def judge(truth: str | Path, vocabulary: Sequence[str], exported: ClipScorer, runs: ClipScorer) -> str:
    """lwlrap of an exported model, and its difference from the runs in float32, in words.

    Args:
        truth: CSV with fname and labels, the sounds where `find_clips` looks for them; clips that the runs were not
            trained on.
        vocabulary: classes of the scores.
        exported, runs: score clips.

    Raises:
        UserError: not such a CSV, labels that the models do not know, a clip that cannot be read.
    """
    clips = find_clips([truth])
    ours, theirs = (score_table(scorer(clips), vocabulary) for scorer in (exported, runs))
    ours, of_clips = read_truth(labels_of_file(truth), ours)
    theirs = theirs.ordered(ours.fnames, ours.vocabulary)
    targets, groups = of_clips.targets, of_clips.groups
    interval = bootstrap_interval(targets, ours.scores, groups=groups)
    lwlrap = with_interval(overall_lwlrap(targets, ours.scores), interval)
    difference = with_interval(*paired_difference(targets, ours.scores, theirs.scores, groups=groups))
    largest = np.abs(ours.scores - theirs.scores).max()
    return (
        f"lwlrap {lwlrap} on the {len(clips)} clips of {Path(truth).name}; minus that of the runs in float32: "
        f"{difference}; scores differ by {largest:.4f} at most"
    )


def score_table(scored: Iterable[ClipScore], vocabulary: Sequence[str]) -> ScoreTable:
    """Scores of clips as a table.

    Raises:
        UserError: a clip that cannot be read.
    """
    rows = list(scored)
    if bad := next((row for row in rows if row.error), None):
        raise UserError(f"{bad.clip.path} cannot be read: {bad.error}")
    scores = np.stack([row.scores for row in rows])
    return ScoreTable("the model", tuple(row.clip.fname for row in rows), tuple(vocabulary), scores)
