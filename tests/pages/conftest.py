"""A finished run with scores, sounds and hostile names, and a headless browser that opens pages from the disk."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
from fake_runs import make_scored_run
from hostile_names import CLASSES

from fat_tf.audio import FrontEnd, LogMel
from fat_tf.pages.audit import write as audit
from fat_tf.pages.report import write as report
from fat_tf.runs.fold_scores import FoldScores, NamedScores, save_fold_scores
from fat_tf.runs.score_table import ScoreTable

RATE = 8000


def scores_of(fnames: list[str], seed: int) -> ScoreTable:
    return ScoreTable("", tuple(fnames), CLASSES, np.random.default_rng(seed).uniform(0.01, 0.99, (len(fnames), 6)))


@pytest.fixture
def run(tmp_path, monkeypatch) -> Path:
    """24 curated clips in two folds (two of them background) and 6 test clips; half a second of noise each."""
    curated = {f"c{n}.wav": CLASSES[n % 6] for n in range(22)} | {"</li>.wav": "", "b.wav": ""}
    curated["c0.wav"] = f"Bark,{CLASSES[3]}"
    test = {f"t{n}.wav": CLASSES[n % 6] for n in range(6)}
    labels = {"curated": curated, "test": test}
    paths = {(source, fname): f"sounds/{n}.wav" for source in labels for n, fname in enumerate(labels[source])}
    (tmp_path / "data/sounds").mkdir(parents=True)
    for n in range(24):
        noise = np.random.default_rng(n).uniform(-0.5, 0.5, RATE // 2)
        sf.write(tmp_path / f"data/sounds/{n}.wav", noise, RATE)
    tables = {"oof_scores.csv": scores_of(list(curated), 1), "test_scores.csv": scores_of(list(test), 2)}
    metrics = {"seconds": 61.0, "steps": [10], "lwlrap": 0.5}
    make_scored_run(tmp_path / "run", labels, tables, str(tmp_path / "data"), metrics, paths)
    _make_folds(tmp_path / "run", tables)
    front_end = FrontEnd(LogMel(sample_rate=RATE, n_fft=256, hop_length=125, fmax=4000.0), window_seconds=0.25)
    for page in (report, audit):
        monkeypatch.setattr(page, "read_model", lambda file: SimpleNamespace(front_end=front_end))
    return tmp_path / "run"


def _make_folds(run: Path, tables: dict[str, ScoreTable]) -> None:
    oof, test = tables["oof_scores.csv"], tables["test_scores.csv"]
    for fold in (0, 1):
        (run / f"fold_{fold}").mkdir()
        held_out, tests = (
            NamedScores(np.array(t.fnames), t.scores, np.full(len(t.fnames), 0.125)) for t in (oof, test)
        )
        save_fold_scores(run / f"fold_{fold}", FoldScores(held_out, tests, 10, ("fit",)))
        history = pd.DataFrame({"stage": ["1", "1", "<b>"], "epoch": [1, 2, 1], "lr": 1e-3, "loss": [3.0, 2.0, 1.5]})
        history = history.assign(val_loss=3.0, lwlrap=0.3, val_lwlrap=[0.2, 0.4, 0.3], seconds=1.0, clips_per_second=9)
        history.to_csv(run / f"fold_{fold}" / "history.csv", index=False)
    (run / "config.gin").write_text("EPOCHS = 3\nWIDTH = 64\nm1.dropout_samples = 0\n")
