"""The command audit on a small run: who may judge what, what is written, what is said."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.manifest import read_manifest
from fat_tf.runs.run_tables import read_run_tables


@pytest.fixture(scope="module")
def trained(done, tmp_path_factory) -> Path:
    """Folds 0 and 1 of one block, trained on curated clips."""
    return shutil.copytree(done, tmp_path_factory.mktemp("runs") / "r")


@pytest.fixture
def noisy(trained, tmp_path) -> Path:
    """A run that looks as if it had been trained on noisy clips too."""
    run = shutil.copytree(trained, tmp_path / "noisy")
    tables = read_run_tables(run, read_manifest(run))
    seen = pd.DataFrame([{"source": "noisy", "fname": "n.wav", "labels": "Bark", "path": "n.wav"}])
    tables = replace(tables, clips=pd.concat([tables.clips, seen], ignore_index=True))
    RunDirectory(run).begin(replace(read_manifest(run), files=tables.checksums), tables, {})
    return run


@pytest.fixture
def audit(call, cache_dir):
    def run(place: Path, *flags: str):
        return call("audit", place, f"--cache_dir={cache_dir}", *flags)

    return run


@pytest.mark.slow
def test_a_run_on_curated_clips_judges_all(trained, audit, synthetic):
    run = trained
    done = audit(run)
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(run / "audit.csv", keep_default_na=False)
    given = pd.concat([pd.read_csv(synthetic / f"train_{source}.csv") for source in ("curated", "noisy")])
    folds = pd.read_csv(run / "folds.csv")
    judged = set(folds["fname"][folds["fold"] < 2])
    assert set(table["fname"][table["source"] == "curated"]) == judged
    assert table["source"].value_counts()["noisy"] == 20
    assert dict(zip(table["fname"], table["labels"], strict=True)).items() <= dict(given.to_numpy().tolist()).items()
    assert (np.diff(table["quality"]) >= 0).all() and list(table["rank"]) == list(range(1, len(table) + 1))
    assert set(table["agreement"][table["source"] == "curated"]) <= {"0 of 1", "1 of 1"}
    assert f"--corrections=labels_fixed.csv --folds_from={run} --folds=0,1 --run_dir={run}-corrected\n" in done.stdout
    assert "20 noisy clips, judged by 2 models" in done.stdout and "out-of-fold scores of 2 folds" in done.stdout


def test_other_ways_rank_otherwise_and_scores_are_kept(trained, audit):
    run = trained
    audit(run)
    before, scored = (run / "audit.csv").read_text(), (run / "audit_scores_0.npz").stat().st_mtime_ns
    done = audit(run, "--gin_param=LabelAudit.way='ema'", f"--output={run / 'ema.csv'}")
    assert done.returncode == 0, done.stderr
    assert (run / "ema.csv").read_text() != before == (run / "audit.csv").read_text()
    assert (run / "audit_scores_0.npz").stat().st_mtime_ns == scored


def test_noisy_clips_are_not_judged_by_models_that_were_trained_on_them(trained, noisy, audit):
    done = audit(noisy)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert "was trained on noisy clips" in done.stderr and "--scorer=RUN" in done.stderr
    assert "name another one" in audit(noisy, f"--scorer={noisy}").stderr
    done = audit(noisy, f"--scorer={trained}")
    assert done.returncode == 0 and f"judged by 2 models of {trained}" in done.stdout
    done = audit(noisy, f"--scorer={trained}", "--gin_param=Recipe.windows=3")  # scores by others are made anew
    assert done.returncode == 0, done.stderr


def test_the_scorer_of_a_run_that_chose_noisy_clips_judges_them(trained, noisy, audit):
    shutil.copytree(trained, noisy / "scorer")
    done = audit(noisy)
    assert done.returncode == 0 and f"judged by 2 models of {noisy / 'scorer'}" in done.stdout


def test_a_set_without_noisy_clips_and_with_a_sound_twice(trained, audit, synthetic, tmp_path):
    shutil.copytree(synthetic / "train_curated", tmp_path / "audio")
    shutil.copy(synthetic / "train_curated.csv", tmp_path / "sounds.csv")
    shutil.copy(trained / "labels.csv", tmp_path / "vocabulary.csv")
    clips, folds = pd.read_csv(tmp_path / "sounds.csv"), pd.read_csv(trained / "folds.csv", index_col="fname")["fold"]
    clips = clips[clips["fname"].map(folds) < 2]
    a, b = clips["fname"].iloc[0], clips["fname"][clips["labels"] != clips["labels"].iloc[0]].iloc[0]
    shutil.copy(tmp_path / "audio" / a, tmp_path / "audio" / b)
    done = audit(trained, f"--data_dir={tmp_path / 'sounds.csv'}", f"--output={tmp_path / 'audit.csv'}")
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(tmp_path / "audit.csv", keep_default_na=False).set_index("fname")
    assert set(table["source"]) == {"curated"}
    assert table["duplicate_of"][table["duplicate_of"] != ""].to_dict() == {a: b, b: a}
    assert "2 clips sound the same as another one with other labels" in done.stdout


def test_sounds_that_were_moved(trained, audit, synthetic, tmp_path, monkeypatch):
    tables, none = tmp_path / "tables", tmp_path / "none"
    for folder in (tables, none):
        folder.mkdir()
    for table in synthetic.glob("*.csv"):
        shutil.copy(table, tables)
    given = f"--data_dir={tables}", f"--output={tmp_path / 'audit.csv'}", "--clips=0"
    done = audit(trained, *given)
    assert done.returncode == 2 and "read_dataset.audio='FOLDER'" in done.stderr
    done = audit(trained, *given, f"--audio={none}")
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and "none has none of the clips" in done.stderr
    monkeypatch.chdir(synthetic.parent)
    done = audit(trained, *given, "--audio=synthetic")
    assert done.returncode == 0, done.stderr
    assert len(pd.read_csv(tmp_path / "audit.csv")) == len(pd.read_csv(trained / "folds.csv").query("fold < 2")) + 20
    assert "read_dataset.audio = " in done.stdout and str(synthetic) in done.stdout  # in the line that trains again


def test_a_run_without_a_finished_fold(trained, audit, tmp_path):
    shutil.copytree(trained, tmp_path / "begun")
    for file in (tmp_path / "begun").glob("fold_*/scores.npz"):
        file.unlink()
    done = audit(tmp_path / "begun")
    assert done.returncode == 2 and done.stderr.endswith("begun has no finished fold: train it first\n")
