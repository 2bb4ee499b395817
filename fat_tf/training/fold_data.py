"""The clips of a fold: what it trains on, what chooses its checkpoint, what judges it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from fat_tf.data.drawn_rows import Rows, all_rows
from fat_tf.data.sources import ClipSource
from fat_tf.data.strata import strata
from fat_tf.errors import UserError
from fat_tf.notices import warn
from fat_tf.parts import name_of
from fat_tf.training.clip_sets import FoldClips, choose
from fat_tf.training.recipe import Recipe
from fat_tf.training.relabelling import relabelled
from fat_tf.training.run_data import RunData
from fat_tf.training.scorers import ScorerVerdict
from fat_tf.training.stage import Stage, unrolled


@dataclass(frozen=True, kw_only=True)
class FoldData:
    """Clips of a fold, as rows of the source.

    curated: those that it may train on. training: rows of each stage, by its name; noisy clips of a group that the fold
    is judged by are not among them. validation: those that choose the checkpoint. held_out: those of the fold, which it
    is judged by; the same unless the recipe has an inner split.
    targets (all rows, classes) uint8; names, paths and is_noisy (all rows). vocabulary: the classes. scores: of the
    stages that change labels, as in `ScorerVerdict`. best: rows of the noisy clips that the recipe's selection chose.
    """

    number: int
    source: ClipSource
    targets: np.ndarray
    names: np.ndarray
    paths: np.ndarray
    vocabulary: tuple[str, ...]
    curated: np.ndarray
    training: Mapping[str, Rows]
    validation: np.ndarray
    held_out: np.ndarray
    is_noisy: np.ndarray
    scores: Mapping[str, Callable[[], np.ndarray]] = field(default_factory=dict)
    best: np.ndarray | None = None

    def labels_of(self, recipe: Recipe, stage: Stage) -> np.ndarray:
        """Labels of a stage (all rows, classes), and where it needs them columns of 1 for noisy clips and for the best.

        They are bytes, or float32 where the stage changes them.
        """
        labels = self._relabelled(stage) if stage.name in self.scores else self.targets
        marks = [self.is_noisy] * recipe.marks_noisy(stage)
        if recipe.marks_best(stage):
            marks.append(np.isin(np.arange(len(labels)), self.best))
        return np.column_stack([labels, *(mark.astype(labels.dtype) for mark in marks)]) if marks else labels

    def _relabelled(self, stage: Stage) -> np.ndarray:
        given, used = self.targets.astype(np.float32), all_rows(self.training[stage.name])
        labels = relabelled(stage.labels, stage.name, given, self.scores[stage.name](), self.is_noisy, used)
        if not (labels != given).any(axis=1)[used].any():
            where = f"stage {stage.name} of fold {self.number}"
            warn(
                f"{name_of(stage.labels)} changes no label that {where} trains on: leave it out, or give it other clips"
            )
        return labels


def fold_data(recipe: Recipe, run_data: RunData, fold: int, judged: ScorerVerdict | None = None) -> FoldData:
    """The clips of a fold; `judged`: what scorers say. Until that is known, all noisy clips may be best ones."""
    judged = judged or ScorerVerdict()
    curated, validation, held_out = _curated(recipe, run_data, fold)
    if recipe.subset is not None:
        curated = recipe.subset(curated, run_data.targets, run_data.groups)
    noisy = _apart(run_data.noisy, run_data, validation, held_out)
    best = _apart(run_data.noisy if judged.best is None else judged.best, run_data, validation, held_out)
    targets, seed = run_data.targets, fold_seed(recipe.seed, fold)
    clips = FoldClips(fold, run_data.clips, targets, curated, noisy, best, seed)
    training = {stage.name: choose(stage.data, clips) for stage in unrolled(recipe.stages)}
    if empty := [name for name, rows in training.items() if not len(rows)]:
        raise UserError(
            f"Fold {fold} has no clips for its stage {empty[0]}: all {len(run_data.noisy)} noisy clips are of groups "
            "that it is judged by. Leave the stage out, give more noisy clips, or mend the column group"
        )
    return FoldData(
        number=fold,
        source=run_data.source,
        targets=targets,
        names=run_data.clips["fname"].to_numpy(),
        paths=run_data.clips["path"].to_numpy(),
        vocabulary=run_data.dataset.vocabulary,
        curated=curated,
        training=training,
        validation=validation,
        held_out=held_out,
        is_noisy=(run_data.clips["source"] == "noisy").to_numpy(),
        scores=judged.scores or {},
        best=best,
    )


def noisy_kept_out(recipe: Recipe, run_data: RunData, fold: int) -> int:
    """Number of the noisy clips that a fold does not train on, as they are of a group that it is judged by."""
    _, validation, held_out = _curated(recipe, run_data, fold)
    return len(run_data.noisy) - len(_apart(run_data.noisy, run_data, validation, held_out))


def _curated(recipe: Recipe, run_data: RunData, fold: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(rows to train on, rows that choose the checkpoint, rows of the fold)."""
    of_fold = run_data.folds == fold
    curated, held_out = run_data.curated[~of_fold], run_data.curated[of_fold]
    if not recipe.inner_share:
        return curated, held_out, held_out
    seed = fold_seed(recipe.seed, fold)
    return *inner_split(curated, run_data.targets, run_data.groups, recipe.inner_share, seed), held_out


def _apart(rows: np.ndarray, run_data: RunData, *judges: np.ndarray) -> np.ndarray:
    """Those of the rows that share no group with the others."""
    return rows[~np.isin(run_data.groups[rows], run_data.groups[np.concatenate(judges)])]


def fold_seed(seed: int, fold: int) -> int:
    """Of a fold's first weights and inner split; folds of other seeds do not share it (seed + fold would)."""
    return int(np.random.SeedSequence([seed, fold]).generate_state(1)[0] >> 1)


def inner_split(
    rows: np.ndarray, targets: np.ndarray, groups: np.ndarray, share: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """(rows to train on, rows to choose the checkpoint by), stratified on the label with the lowest class index.

    A group goes as its first row does. Sorted by class, in random order within one, each 1 / share-th of these is held
    back: of any class the share, rounded up or down.

    Args:
        targets, groups: (all rows, classes), (all rows,) int.

    Raises:
        UserError: fewer than two groups.
    """
    firsts = rows[np.sort(np.unique(groups[rows], return_index=True)[1])]
    if len(firsts) < 2:
        what = "training clips" if len(rows) < 2 else f"group of {len(rows)} training clips"
        raise UserError(f"{len(firsts)} {what} cannot be split: set Recipe.inner_share = 0, or give more clips")
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(firsts)
    by_class = shuffled[np.argsort(strata(targets[shuffled]), kind="stable")]
    count = min(max(1, round(share * len(firsts))), len(firsts) - 1)
    crossed = np.floor(np.arange(len(firsts) + 1) * count / len(firsts) + rng.random())
    held_back = np.isin(groups[rows], groups[by_class[np.diff(crossed) > 0]])
    return np.sort(rows[~held_back]), np.sort(rows[held_back])
