"""A fold in TensorBoard: curves after every epoch; pictures and sounds where they cost next to nothing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tensorboard.compat.proto.summary_pb2 import Summary

from fat_tf.audio import FrontEnd
from fat_tf.training.board.budget import Budget
from fat_tf.training.board.chosen import worst_and_best
from fat_tf.training.board.clips import ValidationClips
from fat_tf.training.board.event_file import gone_on_with, written_anew
from fat_tf.training.board.harmless import Harmless
from fat_tf.training.board.names import ENDS, PER_CLASS, curves
from fat_tf.training.board.settings import Board
from fat_tf.training.board.sounds import clip_sounds
from fat_tf.training.board.summaries import kept_values, precision_recall, scalar, tag, text, values_of

EVENTS, SOUNDS, EXTREMES = "fold", "sounds", "classes"  # files of a fold


@dataclass(frozen=True)
class Epoch:
    """What an epoch gave.

    row: of history.csv. logs: of the training step, with the norms of `StepNorms`. stage: its number and what it is, in
    words. steps: of the optimiser so far. scores: (validation clips, classes). entering: gives (pictures, labels) as
    they enter the network.
    """

    row: Mapping[str, object]
    logs: Mapping[str, float]
    stage: tuple[int, str]
    steps: int
    scores: np.ndarray
    entering: Callable[[], tuple[np.ndarray, np.ndarray]]

    @property
    def when(self) -> str:
        """Its number in words."""
        return f"epoch {self.row['epoch']} of stage {self.row['stage']}"


class FoldBoard:
    """Event files in a fold's folder. What goes wrong with them is said once, and ends nothing.

    Args:
        folder: of the fold.
        settings: what is shown.
        clips: that validate, with whatever scores.
        front_end: for sounds.
        steps: that the optimiser has taken so far; what was written of later ones is dropped.
    """

    def __init__(self, folder: Path, settings: Board, clips: ValidationClips, front_end: FrontEnd, steps: int):
        self._folder, self._settings, self._front_end = folder, settings, front_end
        self._clips, self._classes = clips, list(clips.vocabulary)
        self._harmless = Harmless(f"TensorBoard shows no more of {folder}")
        self._budget = Budget(settings.share)
        self._last: Epoch | None = None
        self._steps: list[int] = []
        self._per_class: list[np.ndarray] = []
        self._harmless(self._open, steps)

    def _open(self, steps: int) -> None:
        self._events, earlier = gone_on_with(self._folder, EVENTS, steps)
        for event in earlier:
            if (values := values_of(event.summary, PER_CLASS)) is not None:
                self._steps.append(event.step)
                self._per_class.append(values)

    def epoch_done(self, epoch: Epoch) -> None:
        """Show an epoch, before it is kept: a stop in between leaves too much, which the next call drops."""
        self._last = epoch
        self._harmless(self._show, epoch)

    def fold_done(self) -> None:
        """Draw what the end looks like, and the curves of the worst and the best classes."""
        if self._last is not None:
            self._harmless(self._end, self._last)
        self._last, self._clips = None, replace(self._clips, scores=np.zeros((0, 0)))  # nothing more is shown

    def _show(self, epoch: Epoch) -> None:
        self._steps.append(epoch.steps)
        self._clips = replace(self._clips, scores=epoch.scores)
        self._per_class.append(self._clips.lwlrap_by_class())
        for summary in self._of_every_epoch(epoch):
            self._events.add(summary, epoch.steps)
        self._events.flush()
        if self._budget.allows(len(self._steps)):
            self._draw(epoch)

    def _of_every_epoch(self, epoch: Epoch) -> Iterator[Summary]:
        number, in_words = epoch.stage
        per_class = self._per_class[-1]
        extremes = np.nanquantile(per_class, list(ENDS.values()))
        yield from curves({**epoch.logs, **epoch.row, "stage": number, "accuracy": self._clips.accuracy()})
        yield from (scalar(name, value) for name, value in zip(ENDS, extremes, strict=True))
        for name in self._settings.classes:
            yield scalar(f"classes/{tag(name)}", per_class[self._classes.index(name)])
        yield kept_values(PER_CLASS, per_class)
        yield text("worst clips", self._clips.worst_in_words())
        if epoch.row["epoch"] == 1:
            yield text("stage", in_words)

    def _draw(self, epoch: Epoch) -> None:
        """Pictures and sounds of now."""
        with self._budget.spending(len(self._steps)):
            for summary in self._pictures(epoch):
                self._events.add(summary, epoch.steps)
            self._events.flush()
            self._write_sounds(epoch)

    def _pictures(self, epoch: Epoch) -> Iterator[Summary]:
        from fat_tf.training.board import pictures  # matplotlib takes a second, which those who want none need not wait

        clips = self._clips
        entering = pictures.entering_figure(*epoch.entering(), self._classes)
        about = "Clips of a batch after augmentation, normalised, with their labels; mixed ones with their shares"
        yield pictures.as_summary(f"entering the network/{tag(str(epoch.row['stage']))}", entering, about)
        by_class = pictures.class_figure(self._steps, np.array(self._per_class), self._classes)
        yield pictures.as_summary("validation/lwlrap by class", by_class)
        yield pictures.as_summary("validation/confusions", pictures.confusion_figure(clips))
        yield precision_recall("all classes", clips.truth, clips.scores)
        for name in self._settings.classes:
            of_class = self._classes.index(name)
            yield precision_recall(tag(name), clips.truth[:, of_class], clips.scores[:, of_class])

    def _write_sounds(self, epoch: Epoch) -> None:
        if self._settings.sounds:
            file = written_anew(self._folder, SOUNDS)
            for summary in clip_sounds(self._clips, self._settings.sounds, self._front_end, epoch.when):
                file.add(summary, epoch.steps)
            file.flush()

    def _end(self, epoch: Epoch) -> None:
        if self._settings.share and not self._budget.has_drawn(len(self._steps)):
            self._draw(epoch)
        file, values = written_anew(self._folder, EXTREMES), np.array(self._per_class)
        for k in worst_and_best(values[-1]):
            if self._classes[k] in self._settings.classes:  # it has its curve
                continue
            for step, value in zip(self._steps, values[:, k], strict=True):
                file.add(scalar(f"classes/{tag(self._classes[k])}", value), step)
        file.flush()
