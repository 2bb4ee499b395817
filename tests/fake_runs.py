"""Runs that look finished, models with random weights in the files that training leaves, and an export of them."""

import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from fat_tf import config
from fat_tf.data import read_dataset
from fat_tf.export.graph import TaggingGraph
from fat_tf.export.saved_model import write_saved_model, write_settings
from fat_tf.inference.run_models import Models, load_runs
from fat_tf.runs.manifest import Manifest, read_manifest, write_manifest
from fat_tf.runs.run_tables import RunTables
from fat_tf.runs.score_table import OUT_OF_FOLD, TEST, ScoreTable, write_scores
from fat_tf.training.networks import build_networks
from fat_tf.training.results import measure

TINY_GIN = str(Path(__file__).parent / "training" / "tiny.gin")
TINY = ["WIDTH=4", "FrontEnd.window_seconds=1.0", "Recipe.precision='float32'"]


def manifest(**said) -> Manifest:
    """What a run says of itself, where nothing else is said."""
    nothing = {"recipe": {}, "data_dir": None, "folds_from": None, "gin_files": (), "gin_params": ()}
    return Manifest(**nothing | {"own_parts": (), "files": {}} | said)


def make_run(folder: Path, vocabulary: tuple[str, ...], gin_file: str, params: list[str], folds: int) -> None:
    config.load([gin_file], TINY + params)
    recipe = config.make("Recipe")
    for fold in range(folds):
        keras.utils.set_random_seed(fold)
        statistics = None if recipe.normalisation == "clip" else (-40.0 - fold, 20.0)
        networks = build_networks(recipe, len(vocabulary), statistics)
        rng = np.random.default_rng(fold)  # statistics of batch normalisation too, so that each layer counts
        networks.network.set_weights([w * rng.uniform(0.8, 1.2, w.shape) for w in networks.network.get_weights()])
        (folder / f"fold_{fold}").mkdir(parents=True)
        networks.saved.save(folder / f"fold_{fold}" / "model.keras")
        (folder / f"fold_{fold}" / "scores.npz").touch()
    rows = "".join(f"{index},{label}\n" for index, label in enumerate(vocabulary))
    (folder / "labels.csv").write_text("index,label\n" + rows)
    (folder / "metrics.json").write_text("{}")


def make_scored_run(
    folder: Path,
    labels: dict[str, dict[str, str]],
    scores: dict[str, ScoreTable],
    data_dir: str | None = None,
    metrics: dict | None = None,
    paths: dict[tuple[str, str], str] | None = None,
) -> None:
    """A finished run without models.

    Args:
        labels: by source and fname.
        scores: by the name of the score file.
        data_dir, metrics: as the run notes them.
        paths: of each clip, by source and fname; None: as a run of before they were kept.
    """
    vocabulary = next(iter(scores.values())).vocabulary
    rows = [(source, fname, label) for source, clips in labels.items() for fname, label in clips.items()]
    folds = pd.DataFrame({"fname": list(labels["curated"]), "fold": "0"})
    clips = pd.DataFrame(rows, columns=["source", "fname", "labels"])
    if paths:
        clips["path"] = [paths[key] for key in zip(clips["source"], clips["fname"], strict=True)]
    tables = RunTables(vocabulary, clips, folds)
    folder.mkdir(parents=True)
    for name, text in tables.texts.items():
        (folder / name).write_text(text)
    write_manifest(folder, manifest(data_dir=data_dir, files=tables.checksums))
    for name, table in scores.items():
        write_scores(folder / name, table)
    (folder / "metrics.json").write_text(json.dumps(metrics or {}))


def make_judged_run(
    folder: Path, labels: dict[str, dict[str, str]], signal: float = 1.0, seed: int = 0, recipe: dict | None = None
) -> None:
    """A finished run of one fold without a model: scores are noise and, as strong as `signal`, the truth.

    Args:
        labels: by source and fname.
        recipe: as data.
    """
    rng = np.random.default_rng(seed)
    classes = sorted({name for clips in labels.values() for cell in clips.values() for name in cell.split(",") if name})
    tables, figures = {}, {}
    for source, name in (("curated", OUT_OF_FOLD), ("test", TEST)):
        if clips := labels.get(source):
            truth = np.array([[name in cell.split(",") for name in classes] for cell in clips.values()])
            scores = rng.random(truth.shape) + signal * truth
            order = rng.permutation(len(truth))
            tables[name] = ScoreTable(name, tuple(np.array(list(clips))[order]), tuple(classes), scores[order])
            figures[source] = measure(truth, scores, tuple(classes))
            figures[source]["folds"] = [figures[source]["lwlrap"]]
    test = {"test": figures["test"]} if "test" in figures else {}
    make_scored_run(folder, labels, tables, metrics=figures["curated"] | test | {"steps": [100], "seconds": 90.0})
    write_manifest(folder, replace(read_manifest(folder), recipe=recipe or {}))
    (folder / "fold_0").mkdir()
    for name in ("model.keras", "scores.npz"):
        (folder / "fold_0" / name).touch()
    (folder / "fold_0" / "history.csv").write_text("epoch,val_lwlrap,seconds\n1,0.5,30.0\n2,0.6,60.0\n")


@pytest.fixture(scope="session")
def runs(shared, synthetic) -> Path:
    """The runs `a` (two dense blocks, two folds) and `b` (M0, one fold, 32 mels, normalised clip by clip)."""

    def make(folder: Path) -> None:
        vocabulary = read_dataset(synthetic).vocabulary
        make_run(folder / "a", vocabulary, TINY_GIN, ["tiny.blocks=2"], 2)
        make_run(folder / "b", vocabulary, "m0.gin", ["LogMel.n_mels=32", "Recipe.normalisation='clip'"], 1)

    return shared("fake_runs", make)


@pytest.fixture(scope="session")
def both(runs) -> Models:
    """The models of both runs in float32, 0.7 `a` and 0.3 `b`."""
    return load_runs([runs / "a", runs / "b"], "float32", [7, 3])


@pytest.fixture(scope="session")
def exported(shared, both) -> Path:
    """The SavedModel of both runs, 0.7 `a` and 0.3 `b`, four windows, as tools/export.py writes it."""

    def make(folder: Path) -> None:
        write_saved_model(folder / "1", TaggingGraph(both, "float32", 4, 3))
        write_settings(folder / "1", both, "float32", 4)

    return shared("exported", make) / "1"
