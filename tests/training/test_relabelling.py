"""Labels that follow what scorers say, noisy clips with a head of their own."""

import shutil
from dataclasses import fields, replace
from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest

from fat_tf import config
from fat_tf.errors import UserError
from fat_tf.runs.directory import RunDirectory
from fat_tf.training import Stage, WarmupCosine, fold_trainer, scorers
from fat_tf.training.fold_data import FoldData
from fat_tf.training.losses import SummedCrossEntropy, costs
from fat_tf.training.networks import with_noisy_head
from fat_tf.training.relabelling import AddedLabels, SoftLabels
from fat_tf.training.run_data import RunData, sources_of

TARGETS = np.eye(4, 3, dtype=np.float32)
IS_NOISY = np.array([False, True, True, False])
SCORES = np.array([[0.9, 0.2, 0.1], [0.3, 0.6, 0.2], [0.8, 0.1, 0.5], [np.nan] * 3])


def test_soft_labels_are_a_share_of_the_scores():
    labels = SoftLabels(noisy=0.7)(TARGETS, SCORES, IS_NOISY)
    assert labels.dtype == np.float32
    np.testing.assert_array_equal(labels[[0, 3]], TARGETS[[0, 3]])
    np.testing.assert_allclose(labels[1:3], 0.3 * TARGETS[1:3] + 0.7 * SCORES[1:3], rtol=1e-6)
    both = SoftLabels(noisy=0.5, curated=0.25, temperature=2.0)(TARGETS, SCORES, IS_NOISY)
    softer = 1 / (1 + np.sqrt(1 / SCORES - 1))
    np.testing.assert_allclose(both[0], 0.75 * TARGETS[0] + 0.25 * softer[0], rtol=1e-6)


def test_the_loss_of_soft_labels_is_that_of_labels_and_scores_in_shares():
    logits = np.random.default_rng(0).normal(size=(3, 3)).astype(np.float32)
    soft = SoftLabels(noisy=0.9, curated=0.9)(TARGETS, SCORES, IS_NOISY)[:3]
    loss = SummedCrossEntropy()
    parts = 0.1 * loss(TARGETS[:3], logits) + 0.9 * loss(SCORES[:3].astype(np.float32), logits)
    np.testing.assert_allclose(loss(soft, logits), parts, rtol=1e-5)


def test_labels_are_added_where_a_score_is_above_that_of_clips_with_the_label():
    rng = np.random.default_rng(1)
    targets, scores = np.eye(2, dtype=np.float32)[rng.integers(2, size=60)], rng.random((60, 2))
    is_noisy = np.arange(60) >= 10
    labels = AddedLabels(cap=0.1)(targets, scores, is_noisy)
    assert (labels >= targets).all() and (labels[:10] == targets[:10]).all()
    for name in range(2):
        has = (targets[:, name] > 0) & is_noisy
        lacking = np.flatnonzero(is_noisy & ~has & (scores[:, name] > scores[has, name].mean()))
        best = lacking[np.argsort(-scores[lacking, name])][: round(0.1 * has.sum())]
        assert set(np.flatnonzero(labels[:, name] > targets[:, name])) == set(best)


@pytest.mark.parametrize("make, says", [
    (lambda: SoftLabels(noisy=1.2), "noisy and curated are from 0 to 1"),
    (lambda: SoftLabels(temperature=0), "temperature above 0"),
    (lambda: SoftLabels(scope="mine"), "SoftLabels.scope is one of all_folds, per_fold, not 'mine'"),
    (lambda: AddedLabels(cap=0), "AddedLabels.cap is above 0, not 0"),
])  # fmt: skip
def test_what_they_do_not_take_is_said(make, says):
    with pytest.raises(UserError, match=says):
        make()


def test_noisy_clips_count_by_their_own_head():
    network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(5), keras.layers.Dense(3)])
    x = np.random.default_rng(2).normal(size=(3, 4)).astype(np.float32)
    logits, of_noisy = with_noisy_head(network)(x)
    np.testing.assert_allclose(logits, network(x), rtol=1e-6)
    assert not np.allclose(logits, of_noisy)
    labels = np.c_[TARGETS[:3], [0, 1, 0.25]]
    found, loss = costs(SummedCrossEntropy(), labels, logits, of_noisy), SummedCrossEntropy()
    main, noisy = (np.asarray(loss(TARGETS[:3], head)) for head in (logits, of_noisy))
    np.testing.assert_allclose(found, [main[0], noisy[1], 0.75 * main[2] + 0.25 * noisy[2]], rtol=1e-6)
    with pytest.raises(UserError, match=r"Stage.noisy_head wants a functional model that ends in Dense"):
        with_noisy_head(keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.ReLU()]))


@pytest.mark.slow
def test_a_run_learns_what_a_scorer_says(done, run_tiny, tmp_path, monkeypatch, capsys):
    """The scorer's folds 2 to 4 are those of fold 0, so that a short run has all."""
    scorer = tmp_path / "scorer"
    shutil.copytree(done, scorer)
    for fold in (2, 3, 4):
        shutil.copytree(scorer / "fold_0", scorer / f"fold_{fold}")
    given = {}

    def keep(source, rows, labels, *others):
        given["labels"] = labels.numpy()
        raise ZeroDivisionError

    monkeypatch.setattr(fold_trainer, "training_batches", keep)
    params = ["Recipe.scorer_run = ('scorer', 'scorer')", "fit/Stage.labels = @SoftLabels()", "SoftLabels.noisy = 1.0",
              "fit/Stage.data = 'curated+noisy'", "fit/Stage.noisy_head = True"]  # fmt: skip
    with pytest.raises(ZeroDivisionError):
        run_tiny(tmp_path / "r", *params, folds=[0])
    clips = pd.read_csv(tmp_path / "r" / "clips.csv")
    is_noisy = clips["source"] == "noisy"
    kept = [
        np.load(tmp_path / "r" / f"noisy_scores_{of}{fold}.npz")["scores"] for of in ("", "1_") for fold in range(5)
    ]
    np.testing.assert_allclose(given["labels"][is_noisy, :-1], np.mean(kept, axis=0), atol=1e-6)
    np.testing.assert_array_equal(given["labels"][:, -1], is_noisy)
    assert set(np.unique(given["labels"][~is_noisy, :-1])) == {0, 1}
    assert "The student" not in capsys.readouterr().out  # it learns noisy clips alone
    for fold in (2, 3, 4):
        (scorer / f"fold_{fold}" / "scores.npz").unlink()
    with pytest.raises(UserError, match="has not finished fold_2: finish that run first"):
        run_tiny(tmp_path / "s", *params, "SoftLabels.curated = 0.5", "WIDTH = 16", folds=[0])
    for fold in (2, 3, 4):
        shutil.copy(scorer / "fold_0" / "scores.npz", scorer / f"fold_{fold}")
    params = [param for param in params if "noisy" not in param]
    with pytest.raises(UserError, match=r"has no out-of-fold scores of \d+ of the 40 curated clips"):
        run_tiny(tmp_path / "t", *params, "SoftLabels.curated = 0.5", "WIDTH = 16", folds=[0])
    assert "The student tiny has" in capsys.readouterr().out


def test_a_teacher_that_was_trained_further_since_is_refused(tmp_path, monkeypatch):
    run, teacher = RunDirectory(tmp_path / "run"), RunDirectory(tmp_path / "teacher")
    teacher.fold(0).mkdir(parents=True)
    run.fold(0).mkdir(parents=True)
    labels = SimpleNamespace(takes_curated=True, scope="all_folds")
    recipe = SimpleNamespace(
        scorer_run="teacher", scorer_runs=("teacher",), relabelled=[("fit", labels)], selects=False
    )
    data = RunData(None, pd.DataFrame({"source": ["curated"]}), TARGETS[:1], np.zeros(1), pd.DataFrame(), None, {})
    monkeypatch.setattr(scorers, "_out_of_fold", lambda teachers, data: SCORES[:1])

    def trained(model: str) -> None:
        (teacher.fold(0) / "model.keras").write_text(model)
        (teacher.fold(0) / "scores.npz").touch()
        scorers.judge_clips(recipe, run, data, [0])

    trained("first")
    trained("second")  # no fold has learnt by the first
    (run.fold(0) / "model.keras").write_text("begun")
    trained("second")
    with pytest.raises(UserError, match=r"Scorer .*teacher was trained further since .*run began, .* a new --run_dir"):
        trained("third")


@pytest.mark.parametrize("labels, says", [
    (lambda targets, scores, is_noisy: targets[:2], r"by <lambda>: expected are values from 0 to 1, \(4, 3\) of clips"),
    (lambda targets, scores, is_noisy: scores, "by <lambda>: expected are values from 0 to 1"),
    (lambda targets, scores, is_noisy: targets[99], "by <lambda>: IndexError: "),
])  # fmt: skip
def test_labels_of_ones_own_that_are_none_are_a_line(labels, says):
    with pytest.raises(UserError, match=f"Labels of stage fit {says}"):
        labels_by(labels, np.arange(4))


def labels_by(part, rows):
    """Labels of a stage that trains on these rows."""
    stage = SimpleNamespace(name="fit", labels=part)
    known = {
        "number": 3,
        "targets": TARGETS,
        "training": {"fit": rows},
        "is_noisy": IS_NOISY,
        "scores": {"fit": lambda: SCORES},
    }
    data = FoldData(**dict.fromkeys(field.name for field in fields(FoldData)) | known)
    return data.labels_of(SimpleNamespace(marks_noisy=lambda stage: False, marks_best=lambda stage: False), stage)


@pytest.mark.parametrize("rows, says", [
    (np.flatnonzero(IS_NOISY), ""),
    (np.flatnonzero(~IS_NOISY), "Warning: SoftLabels changes no label that stage fit of fold 3 trains on: leave"),
])  # fmt: skip
def test_labels_that_stay_as_they_are_are_told(capsys, rows, says):
    labels_by(SoftLabels(noisy=0.5), rows)
    said = capsys.readouterr().err
    assert said.startswith(says) and bool(said) == bool(says)


@pytest.mark.parametrize("own", [{}, {"scope": "fold"}])
def test_labels_of_ones_own_want_a_scope(own):
    with pytest.raises(UserError, match=r"SimpleNamespace\.scope is one of all_folds, per_fold, not "):
        Stage("fit", WarmupCosine(1), labels=SimpleNamespace(takes_curated=False, **own))


@pytest.mark.parametrize("params, says", [
    (("Stage.labels = @SoftLabels()",), "Stage fit: SoftLabels changes noisy clips alone, and it has none"),
    (("Stage.labels = @SoftLabels()", "SoftLabels.curated = 0.5"), "Labels of stage fit need a scorer: set Recipe."),
    (("Stage.labels = 0.5",), r"Stage fit: labels is None, or like @SoftLabels\(\), not 0.5"),
    (("fit/Stage.data = 'curated+noisy'", "fit/Stage.labels = @SoftLabels()", "Recipe.scorer_stages = (@best/Stage(),)",
      "Recipe.selection = @NoisySelection()"), "Recipe.scorer_stages cannot take the best noisy clips: which"),
    (("fit/Stage.data = 'curated+noisy'", "fit/Stage.labels = @SoftLabels()",
      "Recipe.scorer_stages = (@refit/Stage(),)",
      "Recipe.loss = @SoftBootstrapping", "refit/Stage.start = 'fresh'"),
     "Recipe.scorer_stages: The loss of stage refit treats noisy clips differently, .* like best/Stage.loss"),
    (("Stage.average = @SwaWeights()", "Recipe.stages = (@fit/Stage(), @refit/Stage())"),
     "Stage refit: SwaWeights is of a stage's end, and ReduceOnPlateau may not get there"),
    (("Stage.augmentations = (@OverlayMix,)",), "Stage fit: augmentations are of pictures, and OverlayMix is not"),
    (("Stage.waveform_augmentations = (@MixUp, @SpecAugment)", "Recipe.features = 'waveform'"),
     "Stage fit: waveform_augmentations are of sounds, and SpecAugment is not"),
    (("Stage.noisy_head = True",), "The head of stage fit treats noisy clips differently, and it has none"),
    (("Stage.noisy_head = True", "fit/Stage.data = 'noisy'"), "Stage fit: noisy_head leaves the first head, which is "),
    (("fit/Stage.data = 'curated+noisy'", "fit/Stage.labels = @SoftLabels()", "Recipe.loss = @Lsep",
      "Recipe.scorer_run = 'a'"), "Stage fit: SoftLabels gives many classes a little, and Lsep takes all above 0.1"),
    (("Recipe.loss = @MixUp",), "Recipe.loss MixUp: "),
    (("Recipe.loss = @Trimmed", "Trimmed.loss = @Trimmed"), "a part is bound to itself, like Trimmed.loss = @Trimmed"),
    (("Stage.augmentations = (@MixUp(),)",), r"each stage makes its augmentations: write @MixUp, without \(\)"),
    (("Recipe.loss = @EmaWeights()",), "A loss is like @SummedCrossEntropy, not EmaWeights"),
    (("Recipe.loss = @Trimmed", "Trimmed.loss = 'Lsep'"), "A loss is like @SummedCrossEntropy, not 'Lsep'"),
    (("Stage.augmentations = (@Lsep,)",), "A training step of stage fit: "),
    (("Stage.augmentations = (@TimeMaxFrequencyMean,)",), "A training step of stage fit: "),
    (("Recipe.optimiser = @Lsep",), "A training step of stage fit: "),
    (("Recipe.scorer_run = ''",), "Recipe.scorer_run is empty: name a run, or bind None"),
    (("fit/Stage.name = 'a/b'",), "Stage.name is of letters, digits, [+], - and _, not 'a/b'"),
    (("WarmupCosine.peak = -1e-3",), "WarmupCosine: rates of 0 or more; peak, start, low are -0.001"),
    (("CoupledAdam.epsilon = 0.0",), "CoupledAdam: l2 is 0 or more, clip and epsilon above 0"),
    (("Recipe.loss = @Lsep", "Lsep.smallest = 2"), "Lsep.smallest is from 0 to below 1, not 2"),
    (("Recipe.loss = @MaskedCrossEntropy", "MaskedCrossEntropy.smallest = -1"), "MaskedCrossEntropy.smallest is from"),
    (("Recipe.jit_compile = True",), "Recipe.jit_compile = True: XLA cannot compile MixUp: bind None"),
    (("Recipe.scorer_run = 'nowhere'", "fit/Stage.data = 'curated+noisy'", "fit/Stage.labels = @SoftLabels()"),
     "Recipe.scorer_run: there is no run nowhere"),
])  # fmt: skip
def test_what_cannot_be_is_refused_before_training(run_tiny, tmp_path, params, says):
    with pytest.raises((UserError, config.ConfigError), match=says):
        run_tiny(tmp_path / "r", *params)
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("data, noisy", [("noisy", True), ("curated+noisy", True), ("curated", False)])
def test_a_teacher_that_is_trained_here_has_the_noisy_clips_that_it_asks_for(data, noisy):
    params = ["SoftLabels.curated=0.9", f"teach/Stage.data='{data}'", "teach/Stage.name='teach'"]
    params += ["teach/Stage.start='fresh'", "teach/Stage.schedule=@WarmupCosine()"]
    config.load(["m1.gin", "distil.gin"], [*params, "Recipe.scorer_stages=(@teach/Stage(),)"])
    recipe = config.make("Recipe")
    assert ("noisy" in sources_of(recipe)) is noisy
    assert ("noisy" in sources_of(replace(recipe, scorer_run="runs/a"))) is False
