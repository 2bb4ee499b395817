"""Scores of a run's clips by models that have not seen them: the only ones that may judge labels."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fat_tf.errors import UserError, counted
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.file_names import SCORER
from fat_tf.runs.fold_scores import NamedScores, load_fold_scores
from fat_tf.runs.manifest import read_manifest
from fat_tf.runs.own_parts import load_parts
from fat_tf.runs.run_tables import read_run_tables
from fat_tf.training.noisy_scores import check_classes, scores_for_audit
from fat_tf.training.recipe import Recipe
from fat_tf.training.run_data import RunData
from fat_tf.training.scorers import scorer_places


@dataclass(frozen=True)
class UnseenScores:
    """Scores of some clips.

    rows: (clips,) of the run's data. scores: (models, clips, classes). starts (clips,): seconds into the trimmed clip
    to a window that decided, 0 where that is not known. by: who gave the scores, in words.
    """

    rows: np.ndarray
    scores: np.ndarray
    starts: np.ndarray
    by: str


def out_of_fold(run: RunDirectory, data: RunData) -> UnseenScores:
    """Of the curated clips whose fold is done, each by the model that was trained without its fold.

    Raises:
        UserError: no fold is done.
    """
    folds = run.finished_folds()
    parts = [_held_out(run.fold(fold), data) for fold in folds]
    rows, scores, starts = (np.concatenate(values) for values in zip(*parts, strict=True))
    return UnseenScores(rows, scores[None], starts, f"out-of-fold scores of {counted(len(folds), 'fold')}")


def _held_out(fold: Path, data: RunData) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(rows, scores, starts) of the clips that a fold was judged by, as far as they are still there."""
    scored = load_fold_scores(fold).held_out
    rows = data.curated[np.isin(data.clips["fname"].iloc[data.curated], scored.fnames)]
    there = scored.only(data.clips["fname"].to_numpy()[rows], str(fold))
    return rows, there.scores, _starts(there)


def _starts(scores: NamedScores) -> np.ndarray:
    return np.zeros(len(scores.fnames)) if scores.starts is None else scores.starts


def of_noisy(recipe: Recipe, run: RunDirectory, data: RunData, scorer: str | Path | None) -> UnseenScores:
    """Of the noisy clips, by all folds of a run on curated clips: this one, its scorer, or the one that is named.

    They are kept in the run's folder.

    Raises:
        UserError: there is no such run, it knows other classes, or it was trained on other pictures.
    """
    models = RunDirectory(scorer) if scorer else _scorer_of(recipe, run)
    if _has_seen_noisy(models.folder):
        remedy = "name another one" if scorer else "name a run on curated clips"
        raise UserError(
            f"{models.folder} was trained on noisy clips, and cannot judge their labels: {remedy} with --scorer=RUN"
        )
    check_classes(models, data.dataset)
    load_parts(models.folder)
    folds = models.finished_folds()
    kept = [scores_for_audit(recipe, models.fold(fold), run, data) for fold in folds]
    scores = np.stack([of_fold.scores for of_fold in kept])
    return UnseenScores(data.noisy, scores, _starts(kept[0]), f"{counted(len(folds), 'model')} of {models.folder}")


def _scorer_of(recipe: Recipe, run: RunDirectory) -> RunDirectory:
    """The run whose models chose this one's noisy clips, where there is one; else itself."""
    below, named = run.folder / SCORER, recipe.scorer_runs[:1]
    beside = [place for name in named for place in scorer_places(name, run)]
    return RunDirectory(next((place for place in [*beside, below] if place.is_dir()), run.folder))


def _has_seen_noisy(run: Path) -> bool:
    if not (manifest := read_manifest(run)):
        raise UserError(f"{run} is of an earlier version, which did not note its clips: train it anew")
    return "noisy" in set(read_run_tables(run, manifest).clips["source"])
