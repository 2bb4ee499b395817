"""The report of a large run: how long it takes to write, and how large it is."""

import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from fat_tf import config
from fat_tf.audio.decode import encoded
from fat_tf.benchmark.peer import CLASSES, DEVIATION, MEAN
from fat_tf.files import write_text
from fat_tf.pages.report.write import write_report
from fat_tf.runs.file_names import CONFIG, HISTORY, METRICS, MODEL
from fat_tf.runs.fold_scores import FoldScores, NamedScores, save_fold_scores
from fat_tf.runs.manifest import Manifest, write_manifest
from fat_tf.runs.run_tables import RunTables
from fat_tf.runs.score_table import OUT_OF_FOLD, ScoreTable, write_scores
from fat_tf.training.networks import build_networks
from fat_tf.training.recipe import Recipe

CLIPS, FILES, SECONDS, EPOCHS = 1000, 50, 5, 65  # the clips share some files


def report(recipe: Recipe) -> str:
    """A line: seconds and megabytes of the report of a made-up run of 1,000 clips and 80 classes."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        _write_sounds(Path(folder) / "sounds", recipe.front_end.sample_rate)
        _write_run(run, recipe)
        began = time.perf_counter()
        page = write_report(run)
        took = time.perf_counter() - began
        return f"{CLIPS} clips, {CLASSES} classes: {took:.1f} s, {page.stat().st_size / 1e6:.1f} MB"


def _write_sounds(folder: Path, rate: int) -> None:
    folder.mkdir()
    for seed in range(FILES):
        noise = 0.1 * np.random.default_rng(seed).standard_normal(SECONDS * rate)
        (folder / f"{seed}.wav").write_bytes(encoded(noise, rate))


def _write_run(run: Path, recipe: Recipe) -> None:
    """What a report is made of: one fold of a model that is right about half of the time."""
    rng = np.random.default_rng(0)
    vocabulary = tuple(f"Class_{k}" for k in range(CLASSES))
    names = [f"{n:05}.wav" for n in range(CLIPS)]
    label = rng.integers(0, CLASSES, CLIPS)
    scores = rng.beta(1, 6, (CLIPS, CLASSES)) + 0.5 * rng.random((CLIPS, 1)) * np.eye(CLASSES)[label]
    clips = pd.DataFrame({"source": "curated", "fname": names, "labels": [vocabulary[k] for k in label]})
    clips["path"] = [f"{n % FILES}.wav" for n in range(CLIPS)]
    tables = RunTables(vocabulary, clips, pd.DataFrame({"fname": names, "fold": "0"}))
    for name, text in (tables.texts | {METRICS: '{"seconds": 0.0}', CONFIG: config.parsed()}).items():
        write_text(run / name, text)
    write_scores(run / OUT_OF_FOLD, ScoreTable(OUT_OF_FOLD, tuple(names), vocabulary, np.minimum(scores, 1)))
    _write_fold(run / "fold_0", recipe, NamedScores(np.array(names), scores, np.zeros(CLIPS)))
    write_manifest(
        run,
        Manifest(
            recipe={},
            data_dir=str(run.parent / "sounds"),
            folds_from=None,
            gin_files=(),
            gin_params=(),
            own_parts=(),
            files=tables.checksums,
        ),
    )


def _write_fold(fold: Path, recipe: Recipe, scores: NamedScores) -> None:
    fold.mkdir()
    build_networks(recipe, CLASSES, (MEAN, DEVIATION)).saved.save(fold / MODEL)
    save_fold_scores(fold, FoldScores(scores, NamedScores(np.array([]), np.zeros((0, 0))), 0, ("fit",)))
    epochs = np.arange(1, EPOCHS + 1)
    history = pd.DataFrame({"stage": "fit", "epoch": epochs, "lr": 1e-3, "loss": 9 / epochs, "val_loss": 10 / epochs})
    history = history.assign(lwlrap=1 - 1 / epochs, val_lwlrap=0.9 - 0.8 / epochs, seconds=1.0, clips_per_second=1.0)
    write_text(fold / HISTORY, history.to_csv(index=False))
