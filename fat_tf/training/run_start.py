"""What a call on a run's folder finds there, is checked against, and writes before it trains."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import pandas as pd

from fat_tf import config
from fat_tf.data.csv_table import read_table
from fat_tf.data.csv_text import csv_text
from fat_tf.data.fold_assignment import assign_folds, folds_as_in
from fat_tf.data.tables import AudioDataset
from fat_tf.errors import UserError
from fat_tf.files import read_text
from fat_tf.models.device import dtype_policy
from fat_tf.names import as_on_disk
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.environment import ENVIRONMENT, environment
from fat_tf.runs.file_names import BAD_FILES, CONFIG, CORRECTIONS, METRICS, SAME_SOUNDS
from fat_tf.runs.manifest import Manifest, sha256
from fat_tf.runs.own_parts import keep_parts, own_parts
from fat_tf.runs.run_tables import FOLDS, in_their_order
from fat_tf.storage.urls import named
from fat_tf.training.networks import build_network
from fat_tf.training.recipe import Recipe
from fat_tf.training.recipe_data import recipe_data
from fat_tf.training.run_data import Assign, FoldedClips, RunData, bad_files_table
from fat_tf.training.stage import unrolled


@dataclass(frozen=True)
class Origin:
    """Where a run comes from, for its manifest. data_dir, folds_from: as in `train`, absolute."""

    data_dir: str | None
    folds_from: str | None


def origin_of(data_dir: str | Path | None, folds_from: str | Path | None) -> Origin:
    """The places of a call, absolute; URLs where they were given so."""
    return Origin(*(named(place) if place else None for place in (data_dir, folds_from)))


def as_begun(
    recipe: Recipe, run: RunDirectory, dataset: AudioDataset, folds_from: str | Path | None
) -> tuple[AudioDataset, Assign, str | Path | None]:
    """The data set as a begun run has it, what assigns the folds, and the run that they are from.

    Clips are in the run's order; files that it left out because they could not be read stay out.
    """
    if begun := run.begun():
        manifest, tables = begun
        if recipe.unreadable == "leave_out" and (run.folder / BAD_FILES).exists():
            dataset = dataset.without(set(read_table(run.folder / BAD_FILES, ["path"])["path"].map(as_on_disk)))
        dataset = replace(dataset, clips=in_their_order(dataset.clips, tables))
        if manifest.folds_from and not folds_from:  # that run need not be there any more
            return dataset, _like(tables.folds, run.folder), manifest.folds_from
    if not folds_from:
        return dataset, assign_folds, None
    if not (Path(folds_from) / FOLDS).is_file():
        raise UserError(f"--folds_from={folds_from} is no run: it has no {FOLDS}")
    return dataset, _like(read_table(Path(folds_from) / FOLDS, ["fname", "fold"]), Path(folds_from)), folds_from


def _like(table: pd.DataFrame, run: Path) -> Assign:
    return lambda clips, targets: folds_as_in(clips, targets, table, str(run))


def finished_metrics(
    recipe: Recipe, run: RunDirectory, folded: FoldedClips, folds: list[int]
) -> dict[str, object] | None:
    """The metrics of a run where nothing is left to do; None for others."""
    done = run.folds_through([stage.name for stage in unrolled(recipe.stages)])
    begun = run.begun()
    if not (begun and set(folds) <= set(done)) or begun[1].texts != folded.tables(recipe).texts:
        return None
    metrics = _metrics(run)
    lacks_baseline = recipe.fits_baseline and "baseline" not in metrics.get("test", {"baseline": None})
    if len(metrics.get("folds", [])) != len(done) or lacks_baseline:
        return None
    keras.backend.clear_session()
    with dtype_policy(recipe.policy):
        network = build_network(recipe, len(folded.dataset.vocabulary))
    run.check(recipe_data(recipe, network), folded.tables(recipe))
    return metrics


def _metrics(run: RunDirectory) -> dict[str, object]:
    """metrics.json; empty where there is none, or a damaged one, which is then written again."""
    try:
        return json.loads(read_text(run.folder / METRICS))
    except (UserError, ValueError):
        return {}


def begin(recipe: Recipe, run: RunDirectory, data: RunData, origin: Origin, network: keras.Model) -> None:
    """Check all that is known now, then write what the run is."""
    recipe_now, tables = recipe_data(recipe, network), data.folded.tables(recipe)
    run.check(recipe_now, tables, own_parts())
    files, params = config.loaded()
    unread = config.unread(params)  # an ensemble binds for all members what some of them have no use for
    params = tuple(param for param in params if param not in unread)
    made = data.dataset.corrections
    corrections = {} if made is None else {CORRECTIONS: csv_text(made)}
    checksums = tables.checksums | {name: sha256(text) for name, text in corrections.items()}
    manifest = Manifest(
        recipe=recipe_now,
        data_dir=origin.data_dir,
        folds_from=origin.folds_from,
        gin_files=files,
        gin_params=params,
        own_parts=own_parts(),
        files=checksums,
    )
    texts = {CONFIG: config.parsed(), ENVIRONMENT: json.dumps(environment(), indent=1) + "\n", **corrections}
    if data.bad:
        texts[BAD_FILES] = bad_files_table(data.bad)
    if len(data.same_sounds):
        texts[SAME_SOUNDS] = csv_text(data.same_sounds)
    run.begin(manifest, tables, texts)
    keep_parts(run.folder)
