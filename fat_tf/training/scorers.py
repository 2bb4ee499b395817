"""Models of other clips that judge a run's clips: which noisy ones to trust, what labels to learn."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import keras
import numpy as np

from fat_tf.errors import UserError
from fat_tf.files import read_text, write_text
from fat_tf.notices import warn
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.file_names import SCORER
from fat_tf.runs.fold_scores import load_fold_scores
from fat_tf.runs.manifest import read_manifest
from fat_tf.runs.own_parts import load_parts
from fat_tf.runs.run_tables import read_run_tables
from fat_tf.training.noisy_scores import (
    check_classes,
    check_folds,
    choose_noisy,
    finished_model,
    folds_of_clips,
    kept_scores,
    model_of,
    same_pictures,
)
from fat_tf.training.recipe import Recipe
from fat_tf.training.run_data import FoldedClips, RunData


@dataclass(frozen=True)
class ScorerVerdict:
    """What is said of a fold's clips.

    best: rows of the noisy clips that the recipe's selection chose; None without one. scores: of each stage that
    changes labels what makes them when they are needed, since those of all folds at once would be large: (all rows of
    the run's clips, classes) float64 probabilities, NaN for clips that no scorer judged.
    """

    best: np.ndarray | None = None
    scores: Mapping[str, Callable[[], np.ndarray]] | None = None


def judge_clips(recipe: Recipe, run: RunDirectory, data: RunData, folds: Sequence[int]) -> dict[int, ScorerVerdict]:
    """What the recipe's scorers say of each fold's clips.

    Scorers are the runs that the recipe names, else the one below the run's folder, which is trained. Scores of noisy
    clips are kept in the run's folder and used again.

    Raises:
        UserError: no such run, other pictures, a fold that is not finished, a scorer that was trained further since.
    """
    scorers = _scorers(recipe, run)
    takes_curated = any(labels.takes_curated for _, labels in recipe.relabelled)
    if takes_curated:
        _check_unchanged(scorers, run)
    noisy = _noisy_scores(recipe, scorers, folds, run, data) if len(data.noisy) else {}
    best = choose_noisy(recipe.selection, run, data, noisy, folds) if recipe.selects else {}
    curated = _out_of_fold(scorers, data) if takes_curated else None
    light = replace(data, source=None)  # a verdict may go to another process, whose pictures are its own

    def scores(fold: int) -> dict[str, Callable[[], np.ndarray]]:
        return {name: partial(_rows, light, noisy, curated, labels.scope, fold) for name, labels in recipe.relabelled}

    return {fold: ScorerVerdict(best.get(fold), scores(fold)) for fold in folds}


def check_scorers(recipe: Recipe, run: RunDirectory, clips: FoldedClips, folds: Sequence[int]) -> None:
    """Look at the runs to score with before anything is computed; a warning where they were trained on noisy clips too.

    Raises:
        UserError: no such run, other classes, clips, folds or pictures, a fold that is not finished.
    """
    by_fold = [part for part in recipe.judged_parts if part.scope == "per_fold"]
    if recipe.scorer_runs and not recipe.judged_parts:
        warn("Recipe.scorer_run has no use: no stage has labels like @SoftLabels(), or takes the best noisy clips")
    for name in recipe.scorer_runs if recipe.judged_parts else ():
        scorer = RunDirectory(found_scorer(name, run))
        load_parts(scorer.folder)
        knows_noisy = _knows_noisy(scorer)
        check_classes(scorer, clips.dataset)
        if by_fold:
            check_folds(scorer, clips, folds, by_fold)
        if recipe.unreadable == "stop" and any(labels.takes_curated for _, labels in recipe.relabelled):
            _check_judged(scorer, clips.curated["fname"], folds_of_clips(scorer))
        asked = needed_folds(recipe, folds_of_clips(scorer).values(), folds)
        models = [finished_model(scorer.fold(fold)) for fold in asked]
        same_pictures(models[0], recipe)
        if recipe.uses_noisy and knows_noisy:
            warn(
                f"{scorer.folder} was trained on noisy clips too: where it judges them, it leans towards their labels "
                "as given"
            )


def _knows_noisy(run: RunDirectory) -> bool:
    """Whether a run was trained on noisy clips; a UserError if its tables are not what they were."""
    manifest = read_manifest(run.folder)
    return manifest is not None and "noisy" in set(read_run_tables(run.folder, manifest).clips["source"])


def warn_of_larger(recipe: Recipe, run: RunDirectory, network: keras.Model) -> None:
    """Say where a student, a model that learns what others say of curated clips, has more weights than its teachers."""
    if not recipe.scorer_runs or not any(labels.takes_curated for _, labels in recipe.relabelled):
        return
    manifests = filter(None, (read_manifest(found_scorer(name, run)) for name in recipe.scorer_runs))
    teachers = [manifest.recipe.get("model", {}).get("parameters", 0) for manifest in manifests]
    if teachers and network.count_params() > sum(teachers):
        print(
            f"The student {network.name} has {network.count_params():,} parameters, its teachers {sum(teachers):,}: a "
            "student is to be the smaller one",
            flush=True,
        )


def needed_folds(recipe: Recipe, theirs: Iterable[int], folds: Sequence[int]) -> list[int]:
    """Those of a scorer's folds, `theirs`, that the recipe's parts ask for these folds of the run."""
    scopes = {part.scope for part in recipe.judged_parts}
    takes_curated = any(labels.takes_curated for _, labels in recipe.relabelled)
    asked = range(max(theirs) + 1) if "all_folds" in scopes or takes_curated else ()
    return sorted({*asked, *(folds if "per_fold" in scopes else ())})


def _scorers(recipe: Recipe, run: RunDirectory) -> list[RunDirectory]:
    if not recipe.scorer_run:
        return [scorer_below(run)]
    scorers = [RunDirectory(found_scorer(name, run)) for name in recipe.scorer_runs]
    for scorer in scorers:
        load_parts(scorer.folder)
    return scorers


def scorer_below(run: RunDirectory) -> RunDirectory:
    """Where a run trains the model of curated clips that judges for it."""
    return RunDirectory(run.folder / SCORER)


def scorer_places(scorer_run: str, run: RunDirectory) -> list[Path]:
    """Folders that a name may mean: as given, or beside this run, which comes first where a name is given alone."""
    places = [Path(scorer_run), run.folder.parent / scorer_run]
    in_order = places[::-1] if Path(scorer_run).name == scorer_run else places
    return [place for place in in_order if place.is_dir() and place.resolve() != run.folder.resolve()]


def found_scorer(scorer_run: str, run: RunDirectory) -> Path:
    """The run that a name means.

    Raises:
        UserError: there is none.
    """
    if places := scorer_places(scorer_run, run):
        return places[0]
    named = [Path(scorer_run), run.folder.parent / scorer_run]
    if any(place.resolve() == run.folder.resolve() for place in named):
        raise UserError(f"Recipe.scorer_run: {scorer_run} is this run itself: name another one")
    if any(place.is_file() for place in named):
        raise UserError(f"Recipe.scorer_run: {scorer_run} is a file: name the folder of a run")
    raise UserError(f"Recipe.scorer_run: there is no run {' and no '.join(dict.fromkeys(map(str, named)))}")


def _noisy_scores(
    recipe: Recipe, scorers: Sequence[RunDirectory], folds: Sequence[int], run: RunDirectory, data: RunData
) -> dict[int, np.ndarray]:
    """(scorers that have the fold, noisy clips, classes) by their models of each fold that the recipe asks for."""
    found: dict[int, list[np.ndarray]] = {}
    for number, scorer in enumerate(scorers):
        for fold in needed_folds(recipe, folds_of_clips(scorer).values(), folds):
            scores = kept_scores(recipe, scorer.fold(fold), run, data, f"{number}_" if number else "").scores
            found.setdefault(fold, []).append(scores)
    return {fold: np.stack(found[fold]) for fold in sorted(found)}


def _check_unchanged(scorers: Sequence[RunDirectory], run: RunDirectory) -> None:
    """Raise a UserError where scorers were trained further since a run began; notes their models in its folder."""
    noted = run.folder / "curated_scores_by.txt"
    models = "".join(f"{model_of(scorer.fold(fold))}\n" for scorer in scorers for fold in scorer.scored_folds())
    if noted.exists() and run.begun_folds() and read_text(noted) != models:
        raise UserError(
            f"Scorer {' or '.join(str(scorer.folder) for scorer in scorers)} was trained further since {run.folder} "
            "began, and some folds would learn other labels than the rest: train into a new --run_dir"
        )
    write_text(noted, models)


def _out_of_fold(scorers: Sequence[RunDirectory], data: RunData) -> np.ndarray:
    """(curated clips, classes): scores of each clip by models that did not train on it, mean over the scorers."""
    names, found = data.clips["fname"].to_numpy()[data.curated], []
    for scorer in scorers:
        held_out = [load_fold_scores(scorer.fold(fold)).held_out for fold in scorer.scored_folds()]
        scores = {name: row for fold in held_out for name, row in zip(fold.fnames.tolist(), fold.scores, strict=True)}
        _check_judged(scorer, names, scores)
        found.append(np.stack([scores[name] for name in names]))
    return np.mean(found, axis=0)


def _check_judged(scorer: RunDirectory, names: Sequence[str], judged: Collection[str]) -> None:
    """Raise a UserError unless all these curated clips are among those that a run has judged."""
    if missing := sum(name not in judged for name in names):
        raise UserError(
            f"{scorer.folder} has no out-of-fold scores of {missing} of the {len(names)} curated clips, whose labels "
            "they are to become: train all of its folds, on the same clips"
        )


def _rows(
    data: RunData, noisy: Mapping[int, np.ndarray], curated: np.ndarray | None, scope: str, fold: int
) -> np.ndarray:
    """Scores as in `ScorerVerdict`."""
    scores = np.full(data.targets.shape, np.nan)
    if noisy:
        scores[data.noisy] = np.concatenate(list(noisy.values()) if scope == "all_folds" else [noisy[fold]]).mean(0)
    if curated is not None:
        scores[data.curated] = curated
    return scores
