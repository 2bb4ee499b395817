"""Runs that are begun again: with other clips or another recipe, with more stages, with the folds of another run."""

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from fat_tf import training
from fat_tf.data import read_dataset
from fat_tf.errors import UserError
from fat_tf.inference.run_models import load_runs
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.manifest import read_manifest, write_manifest
from fat_tf.runs.model_file import read_model
from fat_tf.runs.score_table import read_scores
from fat_tf.training import callbacks, executor, run
from fat_tf.training.run_data import fold_clips
from fat_tf.training.run_start import as_begun

REFIT = ["Recipe.stages=(@fit/Stage(), @refit/Stage())", "ReduceOnPlateau.epochs=1", "refit/Stage.repeats=1"]
TIMES = ["seconds", "clips_per_second"]


def files(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file() and file.name != ".lock"}


@pytest.fixture
def other_data(synthetic, tmp_path) -> Path:
    """The data set at another place, its sounds linked, with tables to be changed."""
    folder = tmp_path / "data"
    folder.mkdir()
    for place in synthetic.iterdir():
        if place.is_dir():
            (folder / place.name).symlink_to(place)
        else:
            shutil.copy(place, folder)
    return folder


def change(table: Path, by) -> None:
    by(pd.read_csv(table, dtype=str)).to_csv(table, index=False)


def relabelled(rows: pd.DataFrame) -> pd.DataFrame:
    rows.loc[0, "labels"] = next(label for label in rows["labels"] if label != rows.loc[0, "labels"])
    return rows


@pytest.mark.parametrize("params, says", [
    (["MixUp.alpha=0.7"], "another recipe: MixUp.alpha of stage fit: 0.4 → 0.7. Give another --run_dir"),
    (["tiny.dropout_samples=4", "EPOCHS=3"], "another recipe: WarmupCosine.epochs of stage fit: 2 → 3"),
    (["tiny.dropout_samples=4"], "another recipe: tiny.layers: "),
    (["assign_folds.seed=3"], r"other clips: \d+ of 40 clips are in another fold: \S+ \d → \d, "),
])  # fmt: skip
def test_another_configuration_is_refused_and_nothing_is_touched(done, run_tiny, params, says):
    before = files(done)
    with pytest.raises(UserError, match=says) as raised:
        run_tiny(done, *params)
    assert "\n" not in raised.value.message and files(done) == before


def test_other_labels_are_refused_with_the_remedy(done, run_tiny, other_data):
    change(other_data / "train_curated.csv", relabelled)
    says = r"1 of 40 clips have other labels: \w+.wav \w+.* → \w+.*new --run_dir \(--folds_from="
    with pytest.raises(UserError, match=says):
        run_tiny(done, data_dir=other_data, folds=[2])


def test_a_recipe_that_was_replaced_is_refused(done, run_tiny, synthetic, cache_dir, monkeypatch):
    monkeypatch.setattr(training, "train", lambda recipe, *_, **__: recipe)
    recipe = run_tiny(done)
    with pytest.raises(UserError, match=r"another recipe: Recipe.windows: 8 → 3"):
        run.train(replace(recipe, windows=3), done, training.Inputs(synthetic, cache_dir))


@pytest.mark.slow
def test_a_finished_run_is_continued_with_the_stages_that_are_appended(
    done, run_tiny, synthetic, other_data, tmp_path, capsys
):
    """Also when the data set moved, and its tables are in another order."""
    for table in ("train_curated.csv", "test.csv"):
        change(other_data / table, lambda rows: rows.iloc[::-1])
    shutil.copytree(done, tmp_path / "r")
    metrics = run_tiny(tmp_path / "r", *REFIT, data_dir=other_data, folds=[0])
    said = capsys.readouterr().out
    assert "Going on with fold 0, stage refit, epoch 1" in said and "Stage refit starts from the best weights" in said
    assert "leave out folds that have not been through all stages: 1" in said and len(metrics["folds"]) == 1
    before, now = (
        pd.read_csv(folder / "fold_0" / "history.csv").drop(columns=TIMES) for folder in (done, tmp_path / "r")
    )
    pd.testing.assert_frame_equal(now.iloc[:2], before, check_exact=True)
    assert now["stage"].tolist() == ["fit", "fit", "refit"]
    assert not (tmp_path / "r" / "fold_0" / "state").exists()
    assert list(read_scores(tmp_path / "r" / "test_scores.csv").fnames) == list(
        read_dataset(synthetic).of("test")["fname"]
    )
    with pytest.raises(UserError, match=r"Recipe.stages: \(fit, refit\) → \(fit\)"):
        run_tiny(tmp_path / "r", data_dir=other_data)


@pytest.mark.slow
@pytest.mark.parametrize("params", [
    ("Stage.average = @EmaWeights()",), ("fit/Stage.data = 'curated+noisy'", "fit/Stage.noisy_head = True")
], ids=["average", "noisy head"])  # fmt: skip
def test_a_stop_changes_nothing_of_what_a_stage_adds(run_tiny, tmp_path, monkeypatch, params):
    """And a second head is not saved."""
    params = (*params, "Recipe.last_weights = True")
    run_tiny(tmp_path / "whole", *params, folds=[0])
    write = callbacks.write_history

    def stop_after_the_first(folder, state):
        write(folder, state)
        if state.epochs == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(callbacks, "write_history", stop_after_the_first)
        run_tiny(tmp_path / "stopped", *params, folds=[0])
    run_tiny(tmp_path / "stopped", *params, folds=[0])
    whole, stopped = ((tmp_path / name / "oof_scores.csv").read_bytes() for name in ("whole", "stopped"))
    assert whole == stopped
    network = read_model(tmp_path / "stopped" / "fold_0" / "model.keras").network
    assert len(network.outputs) == 1 and "noisy" not in " ".join(weight.path for weight in network.weights)


def test_a_run_of_an_earlier_version_predicts_and_is_not_trained(done, run_tiny, tmp_path):
    shutil.copytree(done, tmp_path / "r")
    for name in ("manifest.json", "clips.csv"):
        (tmp_path / "r" / name).unlink()
    assert len(load_runs([tmp_path / "r"], "float32").files) == 2
    before = files(tmp_path / "r")
    with pytest.raises(UserError, match="is a run of an earlier version"):
        run_tiny(tmp_path / "r")
    assert files(tmp_path / "r") == before


def test_an_unfinished_run_predicts_when_asked(done, tmp_path, capsys):
    shutil.copytree(done, tmp_path / "r")
    (tmp_path / "r" / "fold_1" / "scores.npz").unlink()
    assert len(load_runs([tmp_path / "r"], "float32").files) == 1
    (tmp_path / "r" / "fold_0" / "scores.npz").unlink()
    with pytest.raises(UserError, match=r"no finished fold: .*--unfinished takes what fold 0, 1 has so far"):
        load_runs([tmp_path / "r"], "float32")
    assert len(load_runs([tmp_path / "r"], "float32", unfinished=True).files) == 2
    assert "fold 0, 1 is not trained to its end" in capsys.readouterr().out


def test_clips_keep_the_folds_of_another_run(done, other_data, tmp_path):
    change(other_data / "train_curated.csv", lambda rows: relabelled(rows).iloc[::-1])
    new = RunDirectory(tmp_path / "new")
    new.folder.mkdir()
    dataset, assign, where = as_begun(None, new, read_dataset(other_data), done)
    folds = pd.read_csv(done / "folds.csv").set_index("fname")["fold"]
    folded = fold_clips(dataset, ("curated", "test"), assign)
    assert where == done and list(folded.folds) == list(folds[dataset.of("curated")["fname"]])
    assert list(dataset.of("curated")["fname"]) == list(folds.index[::-1])
    with pytest.raises(UserError, match=r"--folds_from=.*nowhere is no run: it has no folds.csv"):
        as_begun(None, new, dataset, tmp_path / "nowhere")


def test_folds_of_another_run_stay_when_that_is_gone(done, synthetic, tmp_path):
    shutil.copytree(done, tmp_path / "r")
    write_manifest(tmp_path / "r", replace(read_manifest(done), folds_from="/gone"))
    recipe = SimpleNamespace(unreadable="stop")
    dataset, assign, where = as_begun(recipe, RunDirectory(tmp_path / "r"), read_dataset(synthetic), None)
    assert where == "/gone"
    assert list(fold_clips(dataset, ("curated",), assign).folds) == list(pd.read_csv(done / "folds.csv")["fold"])


def test_all_silent_clips_are_said_and_leave_no_folder(run_tiny, write_clips, tmp_path):
    names = [f"{i}.wav" for i in range(10)]
    rows = "".join(f"{name},{'Dog' if i % 2 else 'Cat'}\n" for i, name in enumerate(names))
    folder = write_clips("fname,labels\n" + rows, names, volume=0.0)
    with pytest.raises(UserError, match="All of the 8 training clips are silent"):
        run_tiny(tmp_path / "r", data_dir=folder)
    assert not (tmp_path / "r").exists()


@pytest.mark.slow
def test_the_scorer_below_a_run_goes_through_the_same_door(run_tiny, tmp_path, monkeypatch):
    params = ["Recipe.stages=(@best/Stage(),)", "Recipe.selection=@NoisySelection()", "NoisySelection.cap=None",
              "Recipe.scorer_stages=(@fit/Stage(),)", "NoisySelection.scope='per_fold'"]  # fmt: skip
    train_folds = executor.train_folds

    def scorer_alone(recipe, directory, *arguments):
        if directory.folder.name != "scorer":
            raise KeyboardInterrupt
        train_folds(recipe, directory, *arguments)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(executor, "train_folds", scorer_alone)
        run_tiny(tmp_path / "r", *params, folds=[0])
    scorer = tmp_path / "r" / "scorer"
    assert {"manifest.json", "labels.csv", "folds.csv", "metrics.json"} <= {file.name for file in scorer.iterdir()}
    with pytest.raises(UserError, match=r"scorer was begun with another recipe: MixUp.alpha of stage fit: 0.4 → 0.7"):
        run_tiny(tmp_path / "r", *params, "MixUp.alpha=0.7", folds=[0])
    model = (scorer / "fold_0" / "model.keras").stat().st_mtime_ns
    run_tiny(tmp_path / "r", *params, folds=[0])
    assert (scorer / "fold_0" / "model.keras").stat().st_mtime_ns == model
    assert pd.read_csv(tmp_path / "r" / "noisy_0.csv")["chosen"].sum() == 5
