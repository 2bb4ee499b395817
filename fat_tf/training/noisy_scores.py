"""Scores of the noisy clips by models of other clips, and the choice that follows."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np

from fat_tf.config import check_all_read
from fat_tf.data.builtin import open_dataset
from fat_tf.data.csv_table import read_table
from fat_tf.data.csv_text import csv_text
from fat_tf.data.sources import ClipSource
from fat_tf.data.tables import AudioDataset
from fat_tf.errors import UserError, listed
from fat_tf.files import read_arrays, write_arrays, write_text
from fat_tf.parts import name_of
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.file_names import MODEL, SCORES
from fat_tf.runs.fold_scores import NamedScores
from fat_tf.runs.labels import read_labels
from fat_tf.runs.model_file import FoldModel, read_model
from fat_tf.runs.own_parts import load_parts
from fat_tf.runs.run_tables import FOLDS
from fat_tf.training.noisy_selection import NoisySelection
from fat_tf.training.recipe import Recipe
from fat_tf.training.run_data import FoldedClips, RunData, load_run_data
from fat_tf.training.source_scorer import SourceScorer, SourceScores


def choose_noisy(
    selection: NoisySelection, run: RunDirectory, data: RunData, scores: Mapping[int, np.ndarray], folds: Sequence[int]
) -> dict[int, np.ndarray]:
    """Rows of the noisy clips that each fold trains on.

    The choice is written to noisy.csv (noisy_K.csv for a fold of its own).

    Args:
        scores: (models, noisy clips, classes) of each fold of the scorer that the selection asks for.
    """
    if selection.scope == "all_folds":
        chosen = _choose(selection, run, "noisy.csv", data, np.concatenate(list(scores.values())))
        return dict.fromkeys(folds, chosen)
    return {fold: _choose(selection, run, f"noisy_{fold}.csv", data, scores[fold]) for fold in folds}


def _choose(selection: NoisySelection, run: RunDirectory, name: str, data: RunData, scores: np.ndarray) -> np.ndarray:
    clips = data.clips.iloc[data.noisy].reset_index(drop=True)
    table = selection.table(clips, scores, data.targets[data.noisy])
    run.write(name, csv_text(table))
    if selection.count > len(table):
        print(f"{selection.count:.0f} noisy clips are wanted and {len(table)} are there: all of them are ranked")
    print(f"{table['chosen'].sum()} of {len(table)} noisy clips chosen ({name})", flush=True)
    if not table["chosen"].any():
        raise UserError("No noisy clip has one label alone: NoisySelection.single_label = False ranks the others too")
    return data.noisy[table["chosen"].to_numpy()]


def check_classes(scorer: RunDirectory, dataset: AudioDataset) -> None:
    """Raise a UserError unless a run knows the classes of these clips, in their order."""
    theirs = read_labels(scorer.folder)
    if theirs != dataset.vocabulary:
        differing = sorted(set(theirs) ^ set(dataset.vocabulary))
        how = f"{listed(differing, 3)} not in both" if differing else "the same in another order"
        raise UserError(f"Scorer {scorer.folder} knows other classes ({len(theirs)}) than {dataset.folder}: {how}")


def folds_of_clips(run: RunDirectory) -> dict[str, int]:
    """The fold of each curated clip of a run, by name."""
    table = read_table(run.folder / FOLDS, ["fname", "fold"])
    return dict(zip(table["fname"], table["fold"].astype(int), strict=True))


def check_folds(scorer: RunDirectory, clips: FoldedClips, folds: Sequence[int], parts: Sequence[object]) -> None:
    """Raise a UserError if the scorer's fold of a number was trained on clips that this run's fold is judged by.

    `parts`: those of the recipe that ask the scorer of a fold alone, for the remedy.
    """
    theirs = folds_of_clips(scorer)
    judged = [(name, fold) for name, fold in zip(clips.curated["fname"], clips.folds, strict=True) if fold in folds]
    seen = [name for name, fold in judged if theirs.get(name, fold) != fold]
    if seen:
        remedies = listed(sorted({f"{name_of(part)}.scope = 'all_folds'" for part in parts}))
        raise UserError(
            f"Scorer {scorer.folder} has other folds: it was trained on {len(seen)} clips that the same fold of this "
            f"run is judged by ({listed(seen, 3)}). Train this run with --folds_from={scorer.folder}, or set "
            f"{remedies}"
        )


def kept_scores(recipe: Recipe, scorer: Path, run: RunDirectory, data: RunData, of: str = "") -> NamedScores:
    """Scores of the noisy clips by one fold of the scorer, kept in the run's folder.

    Before the run has begun a fold, another model of the scorer scores them anew.

    Args:
        recipe: says the windows and the front end.
        scorer: folder of the fold.
        run: keeps them.
        data: has the clips.
        of: tells several scorers apart.

    Raises:
        UserError: the fold has no model, was trained on other pictures, or further since the run began.
    """
    kept = run.folder / f"noisy_scores_{of}{scorer.name.removeprefix('fold_')}.npz"
    made_by = _maker_of(scorer, recipe)
    if found := _read_kept(kept, made_by, data):
        return found
    if kept.exists() and run.begun_folds() and str(_arrays_of(kept)["made_by"]) != made_by:
        raise UserError(
            f"Scorer {scorer.parent} has another {scorer.name} than when {run.folder} began, and some folds would "
            "learn by other scores than the rest: train into a new --run_dir"
        )
    return _score_and_keep(kept, made_by, recipe, scorer, data)


def scores_for_audit(recipe: Recipe, scorer: Path, run: RunDirectory, data: RunData) -> NamedScores:
    """As `kept_scores`, which are taken if they are by this scorer; another one scores anew, as nothing is trained."""
    made_by, number = _maker_of(scorer, recipe), scorer.name.removeprefix("fold_")
    of_training, of_audit = (run.folder / f"{name}_scores_{number}.npz" for name in ("noisy", "audit"))
    for kept in (of_training, of_audit):
        if found := _read_kept(kept, made_by, data):
            return found
    return _score_and_keep(of_audit, made_by, recipe, scorer, data)


def _maker_of(scorer: Path, recipe: Recipe) -> str:
    return f"{model_of(scorer)}, {recipe.windows} windows"


def _arrays_of(kept: Path) -> dict[str, np.ndarray]:
    remedy, arrays = "delete it, and the same command makes it anew", ("fnames", "scores", "made_by")
    return read_arrays(kept, remedy, arrays, optional=["starts"])


def _read_kept(kept: Path, made_by: str, data: RunData) -> NamedScores | None:
    """Scores of the noisy clips from a file, if it has them, by this maker."""
    if not kept.exists():
        return None
    there, names = _arrays_of(kept), data.clips["fname"].to_numpy()[data.noisy]
    if str(there["made_by"]) != made_by or not set(names) <= set(there["fnames"].tolist()):
        return None
    return NamedScores(there["fnames"], there["scores"], there.get("starts")).only(names, str(kept))


def _score_and_keep(kept: Path, made_by: str, recipe: Recipe, scorer: Path, data: RunData) -> NamedScores:
    scored = noisy_scores(recipe, scorer, data)
    names = np.array(data.clips["fname"].to_numpy()[data.noisy], str)
    arrays = {"fnames": names, "scores": scored.scores, "starts": scored.starts}
    write_arrays(kept, {"made_by": made_by, **arrays})
    return NamedScores(**arrays)


def model_of(scorer: Path) -> str:
    """sha256 of a fold's model: whatever it was trained with, another training gives another one."""
    with open(finished_model(scorer), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def finished_model(scorer: Path) -> Path:
    """The model in a fold's folder.

    Raises:
        UserError: the fold is not finished.
    """
    if not (scorer / MODEL).is_file() or not (scorer / SCORES).is_file():  # these are written last
        raise UserError(f"Scorer {scorer.parent} has not finished {scorer.name}: finish that run first")
    return scorer / MODEL


def noisy_scores(recipe: Recipe, scorer: Path, data: RunData) -> SourceScores:
    """Scores of the noisy clips by the model in a fold's folder.

    Raises:
        UserError: the fold was trained on other pictures.
    """
    score = SourceScorer(source_model(scorer / MODEL, data.source, recipe), data.source)
    return score(data.noisy, data.targets, recipe.windows)


def source_model(file: Path, source: ClipSource, recipe: Recipe) -> keras.Model:
    """A saved model from what the source gives to logits.

    Raises:
        UserError: its front end draws other pictures than the source has.
    """
    saved = same_pictures(file, recipe)
    return keras.Model(saved.front_end.output, saved.whole.output) if source.gives_pictures else saved.whole


def same_pictures(file: Path, recipe: Recipe) -> FoldModel:
    """A saved model, which sees the pictures of this recipe.

    Raises:
        UserError: its front end draws others.
    """
    saved = read_model(file)
    if saved.front_end.key != recipe.front_end.key:
        raise UserError(
            f"{file} has another front end than this configuration: train both with the same FrontEnd, or leave out "
            "Recipe.scorer_run, and this run trains a scorer of its own by Recipe.scorer_stages"
        )
    return saved


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
    data = load_run_data(recipe, open_dataset(data_dir), cache_dir, sources=("curated", "noisy"))
    check_all_read(gin_params)
    check_classes(run, data.dataset)
    load_parts(run.folder)
    folds = run.finished_folds()
    scores = np.stack([noisy_scores(recipe, run.fold(fold), data).scores for fold in folds])
    clips = data.clips.iloc[data.noisy].reset_index(drop=True)
    table = selection.table(clips, scores, data.targets[data.noisy])
    write_text(Path(output), csv_text(table))
    return f"{table['chosen'].sum()} of {len(table)} noisy clips chosen by {len(folds)} folds: {output}"
