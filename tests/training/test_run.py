"""A run: what it writes, that it repeats, goes on, and refuses what makes no sense."""

import json
import shutil

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from board_events import lasting

from fat_tf import config
from fat_tf.data import read_dataset
from fat_tf.errors import UserError
from fat_tf.metrics import overall_lwlrap
from fat_tf.training import callbacks, fold_trainer, run

HISTORY = ["stage", "epoch", "lr", "loss", "val_loss", "lwlrap", "val_lwlrap", "seconds", "clips_per_second"]
TIMES = ["seconds", "clips_per_second"]


def history(folder, fold: int) -> pd.DataFrame:
    return pd.read_csv(folder / f"fold_{fold}" / "history.csv").drop(columns=TIMES)


def test_the_run_directory_of_the_contract(done, synthetic):
    dataset = read_dataset(synthetic)
    assert list(pd.read_csv(done / "labels.csv")["label"]) == list(dataset.vocabulary)
    folds = pd.read_csv(done / "folds.csv")
    assert list(folds["fname"]) == list(dataset.of("curated")["fname"]) and set(folds["fold"]) == set(range(5))
    assert "WarmupCosine.epochs = %EPOCHS" in (done / "config.gin").read_text()
    assert "MixUp.alpha = 0.4" in (done / "operative_config.gin").read_text()
    environment = json.loads((done / "environment.json").read_text())
    assert {"packages", "devices", "command", "commit"} <= set(environment)
    for fold in (0, 1):
        assert not (done / f"fold_{fold}" / "state").exists()
        table = pd.read_csv(done / f"fold_{fold}" / "history.csv")
        assert list(table.columns) == HISTORY and list(table["epoch"]) == [1, 2]
    hidden = {path.name for path in done.rglob(".*")}
    assert hidden <= {".lock"}, "left-overs of unfinished writes"


def test_scores_and_metrics_agree(done, synthetic):
    dataset, metrics = read_dataset(synthetic), json.loads((done / "metrics.json").read_text())
    oof, folds = pd.read_csv(done / "oof_scores.csv"), pd.read_csv(done / "folds.csv")
    assert list(oof.columns) == ["fname", *dataset.vocabulary]
    assert list(oof["fname"]) == list(folds.loc[folds["fold"] < 2, "fname"])
    curated = dataset.of("curated").set_index("fname").loc[oof["fname"]].reset_index()
    truth, scores = dataset.targets(curated), oof.iloc[:, 1:].to_numpy()
    assert overall_lwlrap(truth, scores) == pytest.approx(metrics["lwlrap"], abs=1e-12)
    of_first = (folds["fold"][folds["fold"] < 2] == 0).to_numpy()
    assert overall_lwlrap(truth[of_first], scores[of_first]) == pytest.approx(metrics["folds"][0])
    low, high = metrics["lwlrap_ci95"]
    assert low <= metrics["lwlrap"] <= high
    test = pd.read_csv(done / "test_scores.csv")
    assert list(test["fname"]) == list(dataset.of("test")["fname"])
    truth = dataset.targets(dataset.of("test"))
    assert overall_lwlrap(truth, test.iloc[:, 1:].to_numpy()) == pytest.approx(metrics["test"]["lwlrap"])


def test_the_saved_model_goes_from_sound_to_the_scores(done, synthetic):
    model = keras.models.load_model(done / "fold_0" / "model.keras")
    assert model.get_layer("front_end").window_seconds == 1.0
    front_end = model.get_layer("front_end")
    oof = pd.read_csv(done / "oof_scores.csv").set_index("fname")
    folds = pd.read_csv(done / "folds.csv").set_index("fname")
    fname = folds.index[folds["fold"] == 0][0]
    samples, _ = front_end.load(str(synthetic / "train_curated" / fname))
    starts = np.unique(np.round(np.linspace(0, len(samples) - 44100, 8)).astype(int))
    windows = np.stack([samples[s : s + 44100] for s in starts])
    scores = tf.sigmoid(model(windows)).numpy().mean(axis=0)
    # Windows of samples and windows of frames start up to half a hop apart, and the cache is float16.
    np.testing.assert_allclose(scores, oof.loc[fname].to_numpy(), atol=0.03)


@pytest.mark.parametrize("keeps_last", [False, True])
def test_weights_of_the_best_epoch_are_kept_or_the_last_if_asked(run_tiny, tmp_path, monkeypatch, keeps_last):
    values = iter([0.3, 0.6, 0.5, 0.4])
    monkeypatch.setattr(fold_trainer, "overall_lwlrap", lambda *_: next(values))
    saved = {}
    save = callbacks.save_state

    def remember(folder, model, state):
        saved[state.epochs] = [weight.numpy() for weight in model.trainable_weights]
        save(folder, model, state)

    monkeypatch.setattr(callbacks, "save_state", remember)
    run_tiny(tmp_path / "r", "EPOCHS=4", f"Recipe.last_weights={keeps_last}", folds=[0])
    kept = keras.models.load_model(tmp_path / "r" / "fold_0" / "model.keras").trainable_weights
    for weight, best, last in zip(kept, saved[2], saved[4], strict=True):
        np.testing.assert_array_equal(weight.numpy(), last if keeps_last else best)
        assert weight.shape != last.shape or (best != last).any()


@pytest.mark.slow
def test_folds_trained_by_separate_calls_end_in_one_result(done, run_tiny, tmp_path):
    run_tiny(tmp_path / "r", folds=[1])
    run_tiny(tmp_path / "r", folds=[0])
    for name in ("oof_scores.csv", "test_scores.csv"):
        assert (done / name).read_text() == (tmp_path / "r" / name).read_text()


def test_a_folder_that_holds_something_else_is_not_written_to(run_tiny, tmp_path):
    (tmp_path / "config.gin").write_text("mine")
    with pytest.raises(UserError, match="holds something else than a run"):
        run_tiny(tmp_path)
    assert (tmp_path / "config.gin").read_text() == "mine"


@pytest.mark.slow
def test_another_seed_differs_and_a_mended_command_may_use_the_same_run_directory(done, run_tiny, tmp_path, capsys):
    with pytest.raises(config.ConfigError, match="reads"):
        run_tiny(tmp_path / "r", "m0.width=3", folds=[1])
    run_tiny(tmp_path / "r", "SEED=7", folds=[1])
    assert not history(done, 1).equals(history(tmp_path / "r", 1))
    assert "Warning: classes with fewer clips than folds" in capsys.readouterr().err


def test_a_stopped_run_goes_on_and_ends_the_same(done, run_tiny, tmp_path, monkeypatch, capsys):
    save = callbacks.save_state

    def stop_after_first_epoch_of_fold_1(folder, model, state):
        save(folder, model, state)
        if folder.name == "fold_1" and state.epochs == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(callbacks, "save_state", stop_after_first_epoch_of_fold_1)
        run_tiny(tmp_path / "r")
    capsys.readouterr()
    run_tiny(tmp_path / "r")
    said = capsys.readouterr().out
    assert "Going on with fold 1, stage fit, epoch 2" in said and "Done before: fold 0\n" in said
    for number in (0, 1):
        pd.testing.assert_frame_equal(history(done, number), history(tmp_path / "r", number), check_exact=True)
    assert (done / "oof_scores.csv").read_text() == (tmp_path / "r" / "oof_scores.csv").read_text()
    for folder in ("fold_0", "fold_1", "mean_of_folds"):
        assert lasting(done / folder) == lasting(tmp_path / "r" / folder)


def test_a_finished_run_is_not_trained_again(done, run_tiny, tmp_path, monkeypatch, capsys):
    shutil.copytree(done, tmp_path / "r")
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "r").rglob("*")}
    monkeypatch.setattr(run, "load_run_data", None)
    metrics = run_tiny(tmp_path / "r")
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "r").rglob("*")} == before
    assert metrics == json.loads((done / "metrics.json").read_text())
    assert "Nothing to do" in capsys.readouterr().out


def test_a_run_directory_of_other_clips_is_refused(done, run_tiny, synthetic, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(synthetic, other)
    table = pd.read_csv(other / "train_curated.csv")
    (other / "train_curated" / table["fname"][0]).unlink()
    table.iloc[1:].to_csv(other / "train_curated.csv", index=False)
    with pytest.raises(UserError, match=r"other clips: 1 of 40 curated clips are gone: "):
        run_tiny(done, data_dir=other)


@pytest.mark.parametrize("params, message", [
    (["Recipe.normalisation='batch'"], "normalisation is"),
    (["Recipe.normalisation=('a', 'b')"], "normalisation is"),
    (["FrontEnd.window_seconds=1e9"], "window_seconds must be above 0 and up to 3600"),
    (["Recipe.features='wav'"], "one of cached, waveform"),
    (["Stage.waveform_augmentations=(@MixUp,)"], "need Recipe.features"),
    (["Stage.augmentations=@MixUp"], "a list like"),
    (["Recipe.loss=@keras.losses.BinaryCrossentropy"], "BinaryCrossentropy.from_logits = True"),
    (["WarmupCosine.epochs='3'"], "WarmupCosine"),
    (["Recipe.profile=(9, 3)"], r"steps like \(100, 120\)"),
    (["Board.classes=('Bork',)"], "Board.classes names Bork: the data set's classes are "),
    (["SEED=-1"], "seed is from 0 to 4294967295"),
    (["Recipe.folds=0"], "a list like"),
    (["LogMel.fft_dtype='float16'"], "one of"),
    (["FrontEnd.trim_db=-5.0"], "must be above 0"),
    (["FeatureCache.shard_clips=0"], "1 or more"),
    (["epochs=3"], "nothing reads epochs: did you mean EPOCHS"),
    (["EPOCHS=0"], "epochs of 1 or more"),
    (["MixUp.alpha=0.0"], "alpha must be 0.05 or more"),
    (["LogMel.fmax=30000.0"], "fmax"),
    (["FrontEnd.window_seconds=0.01"], "too few"),
    (["Recipe.folds=(7,)"], "Folds are 0 to 4"),
    (["nonsense=3"], "nothing reads nonsense"),
    (["DenseNet.width=3"], "DenseNet"),
    (["m0.width=3"], r"reads --gin_param m0.width=3. What it reads: WIDTH, tiny.width"),
])  # fmt: skip
def test_what_makes_no_sense_is_said_before_training(run_tiny, tmp_path, params, message):
    with pytest.raises((UserError, config.ConfigError), match=message) as raised:
        run_tiny(tmp_path / "r", *params, **({"folds": None} if "folds" in params[0] else {}))
    assert "\n" not in raised.value.message
    assert not (tmp_path / "r").exists()


@pytest.mark.slow
def test_unreadable_files_stop_the_run_with_the_full_list(run_tiny, synthetic, tmp_path):
    folder = tmp_path / "set"
    shutil.copytree(synthetic, folder)
    names = sorted(path.name for path in (folder / "train_curated").iterdir())
    (folder / "train_curated" / names[0]).write_bytes(b"")
    whole = (folder / "train_curated" / names[1]).read_bytes()
    (folder / "train_curated" / names[1]).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=f"2 files cannot be read: .*{names[0]}.*{names[1]}.*cut short"):
        run_tiny(tmp_path / "r", data_dir=folder)
    assert not (tmp_path / "r").exists()
    run_tiny(tmp_path / "r", "Recipe.unreadable='leave_out'", data_dir=folder, folds=[0])
    bad = pd.read_csv(tmp_path / "r" / "bad_files.csv")
    assert [path[-12:] for path in bad["path"]] == names[:2]
    assert len(pd.read_csv(tmp_path / "r" / "folds.csv")) == 38


def saved(run_dir) -> keras.Model:
    return keras.models.load_model(run_dir / "fold_0" / "model.keras")


@pytest.mark.slow
def test_waveform_training_normalises_as_the_cache_does(done, run_tiny, tmp_path):
    waveforms = ["Recipe.features='waveform'", "Stage.waveform_augmentations=(@MixUp,)", "MixUp.per_clip=True"]
    run_tiny(tmp_path / "r", *waveforms, folds=[0])
    cached, waveform = (saved(folder).get_layer("normalisation") for folder in (done, tmp_path / "r"))
    assert waveform.mean == pytest.approx(cached.mean, abs=1e-3)
    assert waveform.deviation == pytest.approx(cached.deviation, abs=1e-3)


@pytest.mark.slow
def test_other_normalisation_optimiser_folds_and_no_augmentation_are_those_of_the_run(done, run_tiny, tmp_path):
    params = ["Recipe.normalisation='clip'", "Stage.augmentations=()", "Recipe.optimiser=@keras.optimizers.AdamW"]
    others = ["tiny.dropout_samples=4", "assign_folds.method='iterative'", "cached_pictures.memory_gb=1e-9"]
    metrics = run_tiny(tmp_path / "r", *params, *others, "Recipe.baseline=True", folds=[0])
    model, folds = saved(tmp_path / "r"), [pd.read_csv(run / "folds.csv")["fold"] for run in (done, tmp_path / "r")]
    assert model.get_layer("normalisation").mean is None
    assert any(layer.name == "head_dropout" for layer in model._flatten_layers())
    assert (folds[0] != folds[1]).any() and metrics["test"]["baseline"] > metrics["test"]["chance"]


def test_operative_configuration_can_be_trained_from(done):
    config.load([str(done / "operative_config.gin")])
    assert config.make("Recipe").stages[0].schedule.epochs == 2
