"""The same recipe on ever larger shares of its training clips: a run for each point of a learning curve."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import gin
import numpy as np
import pandas as pd

from fat_tf import config
from fat_tf.data.builtin import open_dataset
from fat_tf.data.fold_assignment import assign_folds
from fat_tf.data.groups import has_groups
from fat_tf.errors import UserError, counted, listed
from fat_tf.parts import attribute, name_of
from fat_tf.runs.directory import RunDirectory, check_holds
from fat_tf.training.clip_sets import takes_best
from fat_tf.training.fold_data import FoldData, fold_data
from fat_tf.training.fold_trainer import steps_of_epoch
from fat_tf.training.inputs import Inputs
from fat_tf.training.recipe import Recipe
from fat_tf.training.run import chosen_folds, train
from fat_tf.training.run_data import RunData, fold_clips, sources_of
from fat_tf.training.share_of_curated import ShareOfCurated
from fat_tf.training.stage import Stage, unrolled

POINT, RESULTS = "share_", "learning_curve."  # how the names of folders and files below the run's folder begin


@gin.register
@dataclass(frozen=True)
class LearningCurve:
    """What is drawn.

    Args:
        shares: of the curated clips that a fold trains on, above 0 and at most 1; two at least.
        draws: of each share, with a seed of training of their own.
        worth: lwlrap that twice as many clips must gain for the answer "label more".

    Raises:
        UserError: fewer than two shares, one twice or out of its range, no draws or over 100, nothing that is worth it.
    """

    shares: tuple[float, ...] = (0.25, 0.5, 1.0)
    draws: int = 3
    worth: float = 0.01

    def __post_init__(self):
        if not isinstance(self.shares, tuple | list) or len(set(self.shares)) < max(2, len(self.shares)):
            raise UserError(f"LearningCurve.shares is a list of two shares or more, not {self.shares!r}")
        if not all(0 < share <= 1 for share in self.shares):
            raise UserError(f"LearningCurve.shares are above 0 and at most 1, not {listed(self.shares)}")
        if not 1 <= self.draws <= 100:
            raise UserError(f"LearningCurve.draws is from 1 to 100, not {self.draws}")
        if not self.worth > 0:
            raise UserError(f"LearningCurve.worth is lwlrap above 0, not {self.worth}")


@dataclass(frozen=True)
class CurvePoint:
    """A run of the curve. clips: that a fold trains on, mean of the folds, noisy ones not counted."""

    share: float
    draw: int
    folder: Path
    clips: float


@dataclass(frozen=True)
class CurvePlan:
    """The runs of a curve in the order of training.

    folds: that each of them trains. stages, scorer_stages: of the recipe, with the optimiser steps that they take on
    all clips, and so in every run. clips: training clips of a fold, as in `CurvePoint`, of the whole set. grouped:
    whether clips have groups.
    """

    points: tuple[CurvePoint, ...]
    folds: tuple[int, ...]
    stages: tuple[Stage, ...]
    scorer_stages: tuple[Stage, ...]
    clips: float
    grouped: bool


def plan_curve(
    curve: LearningCurve,
    recipe: Recipe,
    run_dir: str | Path,
    data_dir: str | Path | None = None,
    folds: Sequence[int] | None = None,
) -> CurvePlan:
    """Look at the tables alone, before anything is trained.

    Raises:
        UserError: a folder of something else, a share that leaves a class without clips, a stage whose length is not
            known beforehand, shares that are too close; and what is wrong with the data.
    """
    check_holds(Path(run_dir), (POINT, RESULTS), "a learning curve")
    if recipe.judged_parts and recipe.scorer_run:
        raise UserError(
            "Recipe.scorer_run has learnt from all training clips, and each run of a curve is to know a share of them: "
            "have a scorer trained with each, by Recipe.scorer_stages"
        )
    if together := [part for part in recipe.judged_parts if part.scope == "all_folds" or _takes_curated(part)]:
        name = name_of(together[0])
        raise UserError(
            f"{name} asks the scorer's models of all folds, which together know more clips than the share of a run: "
            f"bind {name}.scope = 'per_fold', and labels of curated clips as they are given"
        )
    data = _without_features(recipe, data_dir)
    folds = chosen_folds(folds if folds is not None else recipe.folds, data.folds)
    recipe = replace(recipe, subset=None)
    whole = [fold_data(recipe, data, fold) for fold in folds]
    points = tuple(_points(curve, recipe, data, folds, Path(run_dir)))
    if len({point.clips for point in points}) < 2:
        raise UserError(f"The shares {listed(curve.shares)} are all of {points[0].clips:g} clips: take others")
    _check_folds(points, folds)
    clips = float(np.mean([len(fold.curated) for fold in whole]))
    stages, scorer_stages = _of_steps(recipe, data, folds[0]), ()
    if recipe.judged_parts and recipe.scorer_stages:
        scorer_stages = _of_steps(recipe.scorer(), data, folds[0])
    return CurvePlan(points, tuple(folds), stages, scorer_stages, clips, has_groups(data.dataset.of("curated")))


def _without_features(recipe: Recipe, data_dir: str | Path | None) -> RunData:
    """A run's data as far as tables tell; what needs the sounds is left out."""
    dataset = open_dataset(data_dir)
    folded = fold_clips(dataset, sources_of(recipe), assign_folds)
    return RunData(dataset, folded.clips, dataset.targets(folded.clips), folded.folds, pd.DataFrame(), None, {})


def _points(
    curve: LearningCurve, recipe: Recipe, data: RunData, folds: Sequence[int], run_dir: Path
) -> Iterator[CurvePoint]:
    for draw in range(1, curve.draws + 1):  # a whole curve first
        of_draw = replace(recipe, seed=_seed(recipe, draw))
        whole = [fold_data(of_draw, data, fold) for fold in folds]
        for share in sorted(curve.shares):
            drawn = replace(of_draw, subset=ShareOfCurated(share, draw))
            parts = [fold_data(drawn, data, fold.number) for fold in whole]
            for fold, part in zip(whole, parts, strict=True):
                _check_classes(share, fold, part)
            clips = float(np.mean([len(part.curated) for part in parts]))
            yield CurvePoint(share, draw, run_dir / f"{POINT}{share:g}_{draw}", clips)


def _check_folds(points: Sequence[CurvePoint], folds: Sequence[int]) -> None:
    """Raise a UserError where a run that is there has other folds too: its scores would be the mean of more models."""
    for point in points:
        if others := set(RunDirectory(point.folder).scored_folds()) - set(folds):
            raise UserError(
                f"{point.folder} has fold {listed(sorted(others))} too, and all runs of a curve are to have the same: "
                "give --folds as before, or another --run_dir"
            )


def _seed(recipe: Recipe, draw: int) -> int:
    """Of training, and of the clips that are held back to choose epochs by."""
    return recipe.seed + draw - 1


def _takes_curated(part: object) -> bool:
    """Whether it changes labels of curated clips."""
    return bool(attribute(part, "takes_curated", False))


def _check_classes(share: float, whole: FoldData, part: FoldData) -> None:
    """Raise a UserError where a class that the fold can learn has no clip in its part."""
    clips = whole.targets[whole.curated].sum(axis=0)
    gone = np.flatnonzero((clips > 0) & ~part.targets[part.curated].any(axis=0))
    if len(gone):
        names = listed(f"{whole.vocabulary[k]} ({clips[k]:.0f} in all)" for k in gone)
        raise UserError(
            f"A share of {share:g} leaves fold {whole.number} no training clip of {names}: take larger "
            "LearningCurve.shares"
        )


def _of_steps(recipe: Recipe, data: RunData, fold: int) -> tuple[Stage, ...]:
    """The stages with the optimiser steps that they take on all clips."""
    stages = unrolled(recipe.stages)
    if unknown := [stage.name for stage in stages if takes_best(stage.data) and stage.steps is None]:
        raise UserError(
            f"Stage {unknown[0]} takes the best noisy clips, whose number is not known yet: give it steps, like "
            '--gin_param="best/Stage.steps=1000", so that all points of the curve are trained for as long'
        )
    of_fold = fold_data(recipe, data, fold)
    each = [stage.schedule.epochs * steps_of_epoch(recipe, of_fold, stage) for stage in stages]
    return tuple(replace(stage, steps=stage.steps or steps) for stage, steps in zip(stages, each, strict=True))


def configured(gin_files: Sequence[str], gin_params: Sequence[str], run_dir: Path) -> tuple[LearningCurve, Recipe]:
    """What a configuration draws, and of which recipe; own modules are looked for in the run's folder too."""
    config.load(gin_files, gin_params, [run_dir / config.OWN_PARTS])
    if config.is_bound("Ensemble.members"):
        raise UserError("A learning curve is of one recipe: give the files of a member, not of an ensemble")
    config.make("Bootstrap")  # of the curve's interval
    return config.make("LearningCurve"), config.make("Recipe")


def train_curve(
    plan: CurvePlan,
    gin_files: Sequence[str],
    gin_params: Sequence[str],
    inputs: Inputs = Inputs(),  # noqa: B008 (it is frozen)
) -> None:
    """Train every point, or what is missing of it; those that are done are passed over.

    All take the same optimiser steps, or fewer where a schedule ends when nothing is gained any more, so that the curve
    shows what more clips are worth, not longer training, and draws have seeds of their own. Folds, noisy clips and the
    clips that judge are the same for all.

    Raises:
        UserError: as `train`.
    """
    for number, point in enumerate(plan.points, start=1):
        drawn = f"share {point.share:g}, draw {point.draw}, {point.clips:.0f} training clips a fold"
        print(f"Point {number} of {len(plan.points)}: {drawn}, in {point.folder}", flush=True)
        _, recipe = configured(gin_files, gin_params, point.folder)
        of_point = [
            "Recipe.subset = @ShareOfCurated()",
            f"ShareOfCurated.share = {point.share!r}",
            f"ShareOfCurated.draw = {point.draw}",
            f"Recipe.seed = {_seed(recipe, point.draw)}",
        ]
        _, recipe = configured(gin_files, [*gin_params, *of_point], point.folder)
        recipe = replace(recipe, stages=plan.stages, scorer_stages=plan.scorer_stages, folds=plan.folds)
        train(recipe, point.folder, replace(inputs, folds=plan.folds), gin_params)


def plan_in_words(plan: CurvePlan) -> list[str]:
    """What is going to be trained, and on what."""
    steps = ", ".join(f"{stage.name} {'at most ' if stage.may_end_early else ''}{stage.steps}" for stage in plan.stages)
    runs, folds = counted(len(plan.points), "run"), counted(len(plan.folds), "fold")
    lines = [f"{runs} of {folds} each; optimiser steps of each: {steps}"]
    if not plan.grouped:
        lines.append(
            "No column group: clips are drawn one by one. Where several are cut from one recording, new recordings "
            "would gain more than this curve says"
        )
    return lines
