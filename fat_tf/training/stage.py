"""A run is a list of stages, each with its clips, schedule, augmentation and starting weights."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, is_dataclass, replace
from pathlib import Path

import gin
import keras

from fat_tf.data.batches import steps_per_epoch
from fat_tf.errors import UserError, listed
from fat_tf.parts import attribute, made, name_of
from fat_tf.training.clip_sets import KNOWN, ClipSet, needs_noisy
from fat_tf.training.losses import Loss
from fat_tf.training.relabelling import Relabelling, check_scope
from fat_tf.training.schedules import Schedule
from fat_tf.training.weight_average import WeightAverage

FRESH, LAST, BEST = "fresh", "last", "best"


@gin.register
@dataclass(frozen=True)
class Stage:
    """One stage of a run.

    Args:
        name: as in history.csv.
        schedule: learning rate of each epoch, and when the stage ends.
        data: "curated" (the fold's training clips), "noisy" (all noisy ones), "curated+noisy", "curated+best"
            (with the noisy clips that the recipe's selection chooses), or a set of clips of your own.
        start: weights to begin with: "fresh", "last" (of the stage before), "best" (so far, by validation lwlrap),
            or a .keras file of the same model.
        augmentations: classes or functions that make layers, in the order of use, on normalised pictures. A layer takes
            and gives the pictures; one with a true `mixes_labels`, like MixUp, takes and gives (pictures, labels).
        waveform_augmentations: the same on windows of sound (with Recipe.features = "waveform").
        steps: optimiser steps that the stage takes instead of the schedule's epochs, rounded to whole ones; it makes
            stages of different data alike in length. None: the schedule's epochs.
        loss: as Recipe.loss, for this stage; None: the recipe's, which also is what val_loss is by in every stage.
        labels: changes the labels by what the recipe's scorer says of the clips, like @SoftLabels(); None: as given.
        noisy_head: noisy clips train a last layer of their own, on the same trunk, which is dropped after the stage
            (Akiyama and Sato, DCASE 2019); the model's last layer is a Dense one.
        average: of the weights over the stage's steps; it is judged and saved in place of the last ones, and the next
            stage goes on from it. None: the last ones.
        repeats: times that the stage is run; each one but the first starts from the best weights so far.

    Raises:
        UserError: another kind of data, no repeats, augmentations that are none, steps for a schedule that cannot
            take other epochs.
    """

    name: str
    schedule: Schedule
    data: str | ClipSet = "curated"
    start: str = LAST
    augmentations: tuple[Callable[..., keras.layers.Layer], ...] = ()
    waveform_augmentations: tuple[Callable[..., keras.layers.Layer], ...] = ()
    steps: int | None = None
    repeats: int = 1
    loss: Loss | type | None = None
    labels: Relabelling | None = None
    noisy_head: bool = False
    average: WeightAverage | None = None

    def __post_init__(self):
        for name in ("schedule", "data", "labels", "average"):
            object.__setattr__(self, name, made(getattr(self, name)))
        if not re.fullmatch(r"[\w+-]+", self.name):
            raise UserError(f"Stage.name is of letters, digits, +, - and _, not {self.name!r}")
        if self.data not in KNOWN and not callable(self.data):
            raise UserError(f"Stage {self.name}: data is one of {listed(KNOWN)}, or like @my_clips, not {self.data!r}")
        self._check_parts()
        if self.repeats < 1:
            raise UserError(f"Stage {self.name}: repeats must be 1 or more, not {self.repeats}")
        if self.steps is not None and self.steps < 1:
            raise UserError(f"Stage {self.name}: steps is None, or 1 or more, not {self.steps}")
        if self.start not in (FRESH, LAST, BEST) and not Path(self.start).is_file():
            raise UserError(f"Stage {self.name}: start is fresh, last, best or a file; there is no file {self.start!r}")

    def _check_parts(self):
        for name, kind in (("augmentations", "pictures"), ("waveform_augmentations", "sounds")):
            given = getattr(self, name)
            if not isinstance(given, tuple | list) or not all(map(callable, given)):
                raise UserError(f"Stage {self.name}: {name} is a list like (@SpecAugment, @MixUp), not {given!r}")
            if layers := [name_of(part) for part in given if isinstance(part, keras.layers.Layer)]:
                raise UserError(f"Stage {self.name}: each stage makes its {name}: write @{layers[0]}, without ()")
            if others := [name_of(part) for part in given if attribute(part, "changes", kind) != kind]:
                raise UserError(f"Stage {self.name}: {name} are of {kind}, and {listed(others)} is not")
        if self.loss is not None and not callable(self.loss):
            raise UserError(f"Stage {self.name}: loss is None, or like @Lsep, not {self.loss!r}")
        if self.labels is not None:
            if not hasattr(self.labels, "takes_curated"):
                raise UserError(f"Stage {self.name}: labels is None, or like @SoftLabels(), not {self.labels!r}")
            check_scope(self.labels)
        if self.average is not None and not callable(getattr(self.average, "share", None)):
            raise UserError(f"Stage {self.name}: average is None, or like @EmaWeights(), not {self.average!r}")
        if not callable(self.schedule) or not isinstance(getattr(self.schedule, "epochs", None), int):
            raise UserError(f"Stage {self.name}: schedule is like @WarmupCosine(), with epochs, not {self.schedule!r}")
        if attribute(self.average, "needs_length", False) and self.may_end_early:
            raise UserError(
                f"Stage {self.name}: {name_of(self.average)} is of a stage's end, and {name_of(self.schedule)} may not "
                "get there: give it to another stage, like fit/Stage.average = @SwaWeights()"
            )
        if self.steps is not None and not is_dataclass(self.schedule):
            raise UserError(
                f"Stage {self.name}: steps sets other epochs, which {name_of(self.schedule)} cannot take: make it a "
                "dataclass with the field epochs, or leave out Stage.steps"
            )

    @property
    def may_end_early(self) -> bool:
        """Whether its schedule may end before its epochs."""
        return bool(attribute(self.schedule, "may_end_early", False))

    def for_clips(self, clips: int, batch_size: int, smallest: int) -> "Stage":
        """The stage with its steps as epochs of so many clips; `smallest` as in `training_batches`."""
        if self.steps is None:
            return self
        epochs = max(1, round(self.steps / steps_per_epoch(clips, batch_size, smallest)))
        return replace(self, schedule=replace(self.schedule, epochs=epochs), steps=None)

    @property
    def uses_noisy(self) -> bool:
        """Whether noisy clips are among its data."""
        return needs_noisy(self.data)


def unrolled(stages: Sequence[Stage]) -> list[Stage]:
    """The stages one after the other, repeats as stages of their own: refit with repeats = 2 is refit-1, refit-2.

    Raises:
        UserError: no stages, a name twice, or a first stage that wants the weights of one before it.
    """
    if not stages:
        raise UserError("Recipe.stages is empty: give one stage at least, like (@fit/Stage(),)")
    if stages[0].start in (LAST, BEST):
        first = stages[0]
        raise UserError(f"Stage {first.name} starts from {first.start} weights, but nothing is trained before it")
    names = [stage.name for stage in stages]
    if len(set(names)) < len(names):
        raise UserError(f"Two stages have the same name: {listed(names)}")
    return [single for stage in stages for single in _singles(stage)]


def _singles(stage: Stage) -> list[Stage]:
    if stage.repeats == 1:
        return [stage]
    rounds = range(1, stage.repeats + 1)
    starts = [stage.start] + [BEST] * (stage.repeats - 1)
    return [replace(stage, name=f"{stage.name}-{n}", start=s, repeats=1) for n, s in zip(rounds, starts, strict=True)]
