"""Scores of the noisy clips by models of the curated ones, and the choice that follows."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from fat_tf.config import check_all_read
from fat_tf.data.sources import ClipSource
from fat_tf.errors import UserError
from fat_tf.files import write_text, written_whole
from fat_tf.training.fold import MODEL
from fat_tf.training.folds import train_folds
from fat_tf.training.material import Material, gather, read_or_make
from fat_tf.training.noisy import NoisySelection
from fat_tf.training.recipe import Recipe
from fat_tf.training.run_directory import RunDirectory
from fat_tf.training.scoring import Scorer

NOISY_SCORES = "noisy_scores.npz"


def choose_noisy(recipe: Recipe, run: RunDirectory, material: Material, folds: Sequence[int]) -> dict[int, np.ndarray]:
    """Rows of the noisy clips that each fold trains on.

    Trains the scorer below the run's folder first, unless the recipe names a run to score with. The scores are
    kept there and used again; the choice is written to noisy.csv (noisy_K.csv for a fold of its own).
    """
    selection = recipe.selection
    needed = range(material.folds.max() + 1) if selection.scope == "all_folds" else folds
    if recipe.scorer_run:
        scorer = RunDirectory(_found(recipe.scorer_run, run))
        check_classes(scorer, material)
    else:
        scorer = RunDirectory(run.folder / "scorer")
        print(f"Training the scorer of the noisy clips in {scorer.folder}", flush=True)
        train_folds(recipe.scorer(), scorer, material, list(needed), {})
    scores = {fold: _kept_scores(recipe, scorer.fold(fold), run, material) for fold in needed}
    if selection.scope == "all_folds":
        chosen = _choose(selection, run, "noisy.csv", material, np.stack(list(scores.values())))
        return dict.fromkeys(folds, chosen)
    return {fold: _choose(selection, run, f"noisy_{fold}.csv", material, scores[fold][None]) for fold in folds}


def _found(scorer_run: str, run: RunDirectory) -> Path:
    """The folder as given, or the run of that name beside this one."""
    places = [Path(scorer_run), run.folder.parent / scorer_run]
    if found := [place for place in places if place.is_dir()]:
        return found[0]
    raise UserError(f"Recipe.scorer_run: there is no folder {places[0]} and no {places[1]}")


def _choose(
    selection: NoisySelection, run: RunDirectory, name: str, material: Material, scores: np.ndarray
) -> np.ndarray:
    clips = material.clips.iloc[material.noisy].reset_index(drop=True)
    table = selection.table(clips, scores, material.targets[material.noisy])
    run.write(name, table.to_csv(index=False))
    if selection.count > len(table):
        print(f"{selection.count:.0f} noisy clips are wanted and {len(table)} are there: all of them are ranked")
    print(f"{table['chosen'].sum()} of {len(table)} noisy clips chosen ({name})", flush=True)
    return material.noisy[table["chosen"].to_numpy()]


def check_classes(scorer: RunDirectory, material: Material) -> None:
    """Raise a UserError unless a run knows the classes of these clips, in their order."""
    labels = scorer.folder / "labels.csv"
    if not labels.is_file():
        raise UserError(f"Scorer {scorer.folder} is no run: it has no labels.csv")
    theirs = tuple(pd.read_csv(labels)["label"])
    if theirs != material.dataset.vocabulary:
        raise UserError(f"Scorer {scorer.folder} knows other classes ({len(theirs)}) than {material.dataset.folder}")


def _kept_scores(recipe: Recipe, scorer: Path, run: RunDirectory, material: Material) -> np.ndarray:
    """(noisy clips, classes) scores by one fold of the scorer, computed once and kept in the run's folder."""
    kept = run.folder / "scorer" / scorer.name / NOISY_SCORES
    if kept.exists():
        return np.load(kept)["scores"]
    scores = noisy_scores(recipe, scorer, material)
    with written_whole(kept) as unfinished, open(unfinished, "wb") as file:
        np.savez(file, scores=scores)
    return scores


def noisy_scores(recipe: Recipe, scorer: Path, material: Material) -> np.ndarray:
    """(noisy clips, classes) scores by the model in a fold's folder.

    Raises:
        UserError: the fold is not trained, or was trained on other pictures.
    """
    if not (scorer / MODEL).is_file():
        raise UserError(f"Scorer {scorer.parent} has no {scorer.name}/{MODEL}: finish that run first")
    score = Scorer(source_model(scorer / MODEL, material.source, recipe), material.source)
    return score(material.noisy, material.targets, recipe.windows).scores


def source_model(file: Path, source: ClipSource, recipe: Recipe) -> keras.Model:
    """A saved model from what the source gives to logits.

    Raises:
        UserError: its front end draws other pictures than the source has.
    """
    saved = keras.models.load_model(file, compile=False)
    front_end = saved.get_layer("front_end")
    if front_end.get_config() != recipe.front_end.get_config():
        raise UserError(f"{file} has another front end than this configuration")
    return keras.Model(front_end.output, saved.output) if source.gives_pictures else saved


def select_noisy(
    recipe: Recipe,
    selection: NoisySelection,
    run_dir: str | Path,
    output: str | Path,
    data_dir: str | Path | None = None,
    cache_dir: str | Path | None = None,
    gin_params: Sequence[str] = (),
) -> str:
    """Rank and choose the noisy clips of a data set with all folds of a finished run; writes a CSV.

    Returns:
        What was chosen, in a line.

    Raises:
        UserError: no noisy clips, no such run, other classes, another front end, an output that cannot be written.
    """
    run = RunDirectory(run_dir)
    material = gather(recipe, read_or_make(data_dir), cache_dir, sources=("curated", "noisy"))
    check_all_read(gin_params)
    check_classes(run, material)
    folds = run.scored_folds()
    if not folds:
        raise UserError(f"{run_dir} has no finished fold: train it first")
    scores = np.stack([noisy_scores(recipe, run.fold(fold), material) for fold in folds])
    clips = material.clips.iloc[material.noisy].reset_index(drop=True)
    table = selection.table(clips, scores, material.targets[material.noisy])
    write_text(Path(output), table.to_csv(index=False))
    return f"{table['chosen'].sum()} of {len(table)} noisy clips chosen by {len(folds)} folds: {output}"
