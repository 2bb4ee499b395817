"""Losses of stages, and those that treat noisy clips differently."""

from dataclasses import fields, replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from fat_tf.errors import UserError
from fat_tf.runs.recipe_changes import recipe_changes
from fat_tf.training.fold_data import FoldData

PRETRAIN = ("Recipe.stages = (@pretrain/Stage(),)", "EPOCHS = 1")
REFIT = ("Recipe.stages = (@pretrain/Stage(), @refit/Stage())", "refit/Stage.repeats = 1", "EPOCHS = 1")


def losses_of(run) -> list[float]:
    return pd.read_csv(run / "fold_0" / "history.csv")["loss"].tolist()


@pytest.mark.slow
def test_a_stage_is_trained_by_its_own_loss_and_goes_on_with_it(run_tiny, tmp_path):
    own = ("pretrain/Stage.loss = @SoftBootstrapping", "SoftBootstrapping.beta = 1.0")
    run_tiny(tmp_path / "plain", *PRETRAIN, folds=[0])
    run_tiny(tmp_path / "believed", *PRETRAIN, *own, folds=[0])
    run_tiny(tmp_path / "doubted", *REFIT, own[0], "SoftBootstrapping.beta = 0.2", folds=[0])
    plain, believed, doubted = (losses_of(tmp_path / name) for name in ("plain", "believed", "doubted"))
    np.testing.assert_allclose(believed, plain, rtol=1e-4)  # beta 1: cross-entropy
    assert abs(doubted[0] / plain[0] - 1) > 1e-3
    with pytest.raises(UserError, match=r"SoftBootstrapping.beta of stage pretrain: 0.2 → 0.7"):
        run_tiny(tmp_path / "doubted", *REFIT, own[0], folds=[0])


def test_noisy_clips_are_marked_in_the_labels():
    targets, is_noisy = np.eye(3, dtype=np.float32), np.array([False, True, False])
    nothing = dict.fromkeys(field.name for field in fields(FoldData)) | {"scores": {}}
    data = FoldData(**nothing | {"targets": targets, "is_noisy": is_noisy})
    stage = SimpleNamespace(name="fit")
    marked, plain, both = (
        SimpleNamespace(marks_noisy=lambda stage, noisy=noisy: noisy, marks_best=lambda stage, best=best: best)
        for noisy, best in ((True, False), (False, False), (True, True))
    )
    of_best = replace(data, best=np.array([2])).labels_of(both, stage)
    np.testing.assert_array_equal(of_best, np.c_[targets, [0, 1, 0], [0, 0, 1]])
    np.testing.assert_array_equal(data.labels_of(marked, stage), np.c_[targets, [0, 1, 0]])
    assert data.labels_of(marked, stage).dtype == np.float32 and data.labels_of(plain, stage) is targets


def test_a_loss_of_noisy_clips_without_any_is_refused_before_training(run_tiny, tmp_path):
    with pytest.raises(UserError, match=r"The loss of stage fit treats noisy clips differently, and it has none"):
        run_tiny(tmp_path / "r", "Recipe.loss = @SoftBootstrapping")
    assert not (tmp_path / "r").exists()


def test_a_loss_that_compares_the_clips_of_a_batch_has_one_head(run_tiny, tmp_path):
    two = ("fit/Stage.loss = @MaskedCrossEntropy", "fit/Stage.noisy_head = True", "fit/Stage.data = 'curated+noisy'")
    with pytest.raises(UserError, match="Stage fit: MaskedCrossEntropy compares the clips of a batch, and with noisy"):
        run_tiny(tmp_path / "r", *two)


def test_a_loss_of_the_best_noisy_clips_without_a_selection_is_refused_before_training(run_tiny, tmp_path):
    loss = ("Recipe.loss = @BySource()", "BySource.best = @SigmoidFocal", "fit/Stage.data = 'curated+noisy'")
    with pytest.raises(UserError, match=r"The loss of stage fit treats the best noisy clips differently"):
        run_tiny(tmp_path / "r", *loss)
    assert not (tmp_path / "r").exists()


def test_a_value_that_a_version_did_not_have_is_no_change_where_it_is_off():
    stage = {"class": "Stage", "name": "fit"}
    assert recipe_changes({"stages": [stage]}, {"stages": [stage | {"loss": None, "noisy_head": False}]}) == []
    assert recipe_changes({"stages": [stage | {"noisy_head": False}]}, {"stages": [stage]}) == []
    assert len(recipe_changes({"stages": [stage]}, {"stages": [stage | {"repeats": 0}]})) == 1
    assert recipe_changes({"stages": [stage]}, {"stages": [stage | {"loss": {"class": "Lsep"}}]})
