"""The clips of a fold by which its models are judged, as TensorBoard shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fat_tf.metrics import lwlrap
from fat_tf.metrics.accuracy import has_wrong_top
from fat_tf.metrics.blocks import blocks
from fat_tf.metrics.lwlrap import clip_precision
from fat_tf.training.board.summaries import table

TOP = 3  # tags of a clip that are shown
WORST = 5  # clips


def evenly(there: int, wanted: int) -> np.ndarray:
    """Places of so many of those that are there, or of all, from the first to the last."""
    return np.unique(np.linspace(0, there - 1, min(wanted, there)).round().astype(int))


@dataclass(frozen=True)
class ValidationClips:
    """Clips: names and paths (clips,), truth (clips, classes) bool, scores (clips, classes) as probabilities."""

    names: np.ndarray
    paths: np.ndarray
    truth: np.ndarray
    scores: np.ndarray
    vocabulary: Sequence[str]

    def lwlrap_by_class(self) -> np.ndarray:
        """(classes,), NaN where a class has no clip."""
        per_class, weight = lwlrap(self.truth, self.scores)
        return np.where(weight > 0, per_class, np.nan)

    def accuracy(self) -> float:
        """Share of the clips with a label whose top class is one of their labels."""
        tagged = self.truth.any(axis=1)
        return float(np.mean(~has_wrong_top(self.truth, self.scores)[tagged]))

    def worst(self, count: int) -> list[int]:
        """Clips with a label whose labels rank lowest; among equals those whose labels score lowest."""
        precision, labels = clip_precision(self.truth, self.scores)
        rank = precision / np.maximum(labels, 1)
        summed = [(truth * scores).sum(axis=1) for truth, scores in blocks(self.truth, self.scores)]
        score = np.concatenate([*summed, np.zeros(0)]) / np.maximum(labels, 1)
        order = np.lexsort((score, rank))
        return order[labels[order] > 0][:count].tolist()

    def some(self, count: int) -> list[int]:
        """The same ones each time, from first to last."""
        return evenly(len(self.names), count).tolist()

    def labels(self, clip: int) -> str:
        """The labels of a clip."""
        return ", ".join(self.vocabulary[k] for k in np.flatnonzero(self.truth[clip])) or "none"

    def tags(self, clip: int) -> str:
        """The top classes of a clip with their scores."""
        order = np.argsort(-self.scores[clip], kind="stable")[:TOP]
        return ", ".join(f"{self.vocabulary[k]} {self.scores[clip, k]:.2f}" for k in order)

    def worst_in_words(self) -> str:
        """A table of the clips that are scored worst."""
        rows = ((self.names[clip], self.labels(clip), self.tags(clip)) for clip in self.worst(WORST))
        return table(("clip", "labels", "tags"), rows)
