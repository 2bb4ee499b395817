"""Stages: what a list of them means, and what it may not be."""

import json
from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest
from filelock import FileLock

from fat_tf import config
from fat_tf.config import ConfigError
from fat_tf.data.batches import training_batches
from fat_tf.errors import UserError
from fat_tf.training import WarmupCosine, fold_trainer
from fat_tf.training.schedules import ReduceOnPlateau
from fat_tf.training.stage import Stage, unrolled
from fat_tf.training.train_folds import warn_of_few_steps

REFIT = "Recipe.stages=(@fit/Stage(), @refit/Stage())"


def test_repeats_are_stages_of_their_own_and_go_on_from_the_best_weights():
    fit = Stage("fit", WarmupCosine(3), start="fresh")
    refit = Stage("refit", ReduceOnPlateau(5), repeats=3)
    assert [(s.name, s.start) for s in unrolled([fit, refit])] == [
        ("fit", "fresh"), ("refit-1", "last"), ("refit-2", "best"), ("refit-3", "best"),
    ]  # fmt: skip


def test_a_class_of_schedules_makes_one():
    assert Stage("fit", WarmupCosine).schedule == WarmupCosine()


@pytest.mark.slow
def test_refits_run_from_the_best_weights_and_end_by_their_own_rule(run_tiny, tmp_path):
    run_tiny(tmp_path / "r", REFIT, "ReduceOnPlateau.patience=0", "ReduceOnPlateau.threshold=0.5", folds=[0])
    history = pd.read_csv(tmp_path / "r" / "fold_0" / "history.csv")
    assert history["stage"].tolist()[:3] == ["fit", "fit", "refit-1"]
    refit = history[history["stage"] == "refit-1"]
    rates = ReduceOnPlateau(2, patience=0, threshold=0.5)
    expected = [rates(refit["val_loss"].tolist()[:n]) for n in range(len(refit))]
    np.testing.assert_allclose(refit["lr"], expected)
    metrics = json.loads((tmp_path / "r" / "metrics.json").read_text())
    assert 0 < metrics["lwlrap"] < 1


WRONG = {
    "Recipe.stages=(@refit/Stage(),)": "starts from last weights, but nothing is trained before it",
    "Recipe.stages=()": "Recipe.stages is empty",
    "Recipe.stages=(@fit/Stage(), @fit/Stage())": "Two stages have the same name",
    "Recipe.stages=(@best/Stage(),)": "Recipe.selection must say which",
    "Recipe.model=@m1()": r"each fold makes its model: write @m1, without \(\)",
    "fit/Stage.data='clean'": "data is one of curated",
    "fit/Stage.start='nowhere.keras'": "there is no file 'nowhere.keras'",
    "ReduceOnPlateau.factor=1.5": "0 < factor < 1",
}


@pytest.mark.parametrize("param, message", WRONG.items(), ids=WRONG)
def test_a_list_that_makes_no_sense_is_said_before_training(run_tiny, tmp_path, param, message):
    params = [REFIT, param] if "Plateau" in param else [param]
    with pytest.raises((UserError, ConfigError), match=message):
        run_tiny(tmp_path / "r", *params)
    assert not list(tmp_path.glob("r/fold_*"))


def test_best_noisy_clips_need_noisy_clips(run_tiny, write_clips, tmp_path):
    rows = "".join(f"{i}.wav,{'Dog' if i % 2 else 'Cat'}\n" for i in range(10))
    folder = write_clips("fname,labels\n" + rows, [f"{i}.wav" for i in range(10)])
    with pytest.raises(UserError, match=r"has no noisy clips.*beyond_curated\.gin"):
        run_tiny(tmp_path / "r", "Recipe.stages=(@pretrain/Stage(),)", data_dir=folder)


@pytest.mark.slow
def test_weights_of_a_file_are_a_start_and_those_of_another_shape_are_refused(run_tiny, tmp_path):
    run_tiny(tmp_path / "a", folds=[0])
    file = tmp_path / "a" / "fold_0" / "model.keras"
    run_tiny(tmp_path / "b", f"fit/Stage.start='{file}'", "WarmupCosine.start=1e-12", "WarmupCosine.peak=1e-12",
             "WarmupCosine.low=0.0", folds=[0])  # fmt: skip
    weights = [keras.models.load_model(f).trainable_weights for f in (file, tmp_path / "b" / "fold_0" / "model.keras")]
    for first, second in zip(*weights, strict=True):
        np.testing.assert_allclose(first.numpy(), second.numpy(), atol=1e-8)
    with pytest.raises(UserError, match=r"model.keras does not fit tiny"):
        run_tiny(tmp_path / "c", f"fit/Stage.start='{file}'", "WIDTH=3", folds=[0])
    assert not list(tmp_path.glob("c/fold_*/history.csv"))


def test_a_loss_that_is_not_finite_names_the_batch_and_keeps_the_weights_before(run_tiny, tmp_path, monkeypatch):
    def with_a_bad_label(source, rows, targets, size, epochs, seed, smallest):
        bad = targets.numpy().astype(np.float32)
        bad[rows[5], 0] = np.nan
        whole = training_batches(source, rows, targets, size, range(1), seed)
        return whole.concatenate(training_batches(source, rows, bad, size, range(1, epochs.stop), seed))

    monkeypatch.setattr(fold_trainer, "training_batches", with_a_bad_label)
    with pytest.raises(UserError, match=r"Fold 0, stage fit, epoch 2, step \d: the loss is not finite") as raised:
        run_tiny(tmp_path / "r", "EPOCHS=4", "BATCH_SIZE=8", folds=[0])
    folds = pd.read_csv(tmp_path / "r" / "folds.csv")
    training = folds.loc[folds["fold"] != 0, "fname"].to_list()
    named = raised.value.message.split("Its clips: ")[1].split(". The weights")[0].split(", ")
    assert len(set(named)) == 8 and training[5] in named and set(named) <= set(training)
    assert (tmp_path / "r" / "fold_0" / "model.keras").exists()
    assert len(pd.read_csv(tmp_path / "r" / "fold_0" / "history.csv")) == 1


@pytest.mark.parametrize("epochs, files, is_few", [
    (299, ["m3.gin"], True), (299, ["m3.gin", "curated_only.gin"], True), (300, ["m3.gin"], False),
])  # fmt: skip
def test_few_steps_are_warned_of(epochs, files, is_few, capsys):
    config.load(files, [f"EPOCHS={epochs}", "BATCH_SIZE=64"])
    recipe = config.make("Recipe")
    rows = {stage.name: np.arange(64) for stage in unrolled(recipe.stages)}
    warn_of_few_steps(recipe, SimpleNamespace(training=rows))
    assert ("a fold takes 299 optimiser steps, refits aside" in capsys.readouterr().err) == is_few


@pytest.mark.slow
def test_a_run_that_does_not_learn_is_warned_of(run_tiny, tmp_path, capsys, monkeypatch):
    validate = fold_trainer.FoldTrainer.validate
    bad = {"val_loss": 9.0, "val_lwlrap": 0.1}
    monkeypatch.setattr(fold_trainer.FoldTrainer, "validate", lambda trainer: (bad, validate(trainer)[1]))
    still = [f"WarmupCosine.{rate}=0.0" for rate in ("start", "peak", "low")]
    run_tiny(tmp_path / "r", *still, "BATCH_SIZE=2", "EPOCHS=4", folds=[0])
    assert "which chance reaches too" in capsys.readouterr().err


def test_a_second_process_on_a_run_directory_is_refused(run_tiny, tmp_path):
    (tmp_path / "r").mkdir()
    with FileLock(tmp_path / "r" / ".lock"), pytest.raises(UserError, match="Another process works on"):
        run_tiny(tmp_path / "r")


@pytest.mark.slow
def test_steps_make_stages_of_different_data_alike_in_length(run_tiny, tmp_path):
    stages = "Recipe.stages=(@pretrain/Stage(), @fit/Stage())"
    run_tiny(tmp_path / "r", stages, "fit/Stage.start='last'", "Stage.steps=6", folds=[0])
    history = pd.read_csv(tmp_path / "r" / "fold_0" / "history.csv")
    # 20 noisy clips are 2 steps an epoch, 32 curated ones 2 too, at batches of 16
    assert history["stage"].value_counts().to_dict() == {"pretrain": 3, "fit": 3}
    assert json.loads((tmp_path / "r" / "metrics.json").read_text())["steps"] == [12]
    stage = Stage("a", WarmupCosine(9), steps=100)
    assert [stage.for_clips(clips, 16, 2).schedule.epochs for clips in (16, 160, 9999)] == [100, 10, 1]
