"""A learning curve: what is planned and refused before anything is trained, and the command from end to end."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fat_tf import config, training
from fat_tf.errors import UserError
from fat_tf.training import learning_curve
from fat_tf.training.learning_curve import LearningCurve, configured, plan_curve, plan_in_words, train_curve
from fat_tf.training.share_of_curated import ShareOfCurated

FILES = [str(Path(__file__).with_name("tiny.gin")), "learning_curve.gin"]
TINY = ["WIDTH=2", "EPOCHS=4", "BATCH_SIZE=8", "FrontEnd.window_seconds=1.0", "Recipe.precision='float32'"]
TINY += ["Board.share=0.0"]


@pytest.fixture
def plan(tmp_path, synthetic):
    """Plans the curve of a model of one block; arguments: bindings, the data set, configuration files after the two."""

    def of(*params: str, data: Path = synthetic, files: tuple[str, ...] = ()):
        curve, recipe = configured([*FILES, *files], [*TINY, *params], tmp_path)
        return plan_curve(curve, recipe, tmp_path / "curve", data, [0])

    return of


def test_points_are_runs_of_the_same_steps_on_more_and_more_clips(plan, tmp_path):
    planned = plan()
    assert [(point.share, point.draw) for point in planned.points] == [
        (share, draw) for draw in (1, 2, 3) for share in (0.25, 0.5, 1.0)
    ]
    assert planned.points[4].folder == tmp_path / "curve/share_0.5_2" and planned.folds == (0,)
    clips = [point.clips for point in planned.points[:3]]
    assert clips == sorted(clips) and clips[2] == planned.clips == 32  # of 40, a fifth of which judges
    assert [stage.steps for stage in planned.stages] == [4 * 4]
    said = plan_in_words(planned)
    assert said[0].endswith("steps of each: fit 16") and "No column group: clips are drawn one by one" in said[1]
    assert not (tmp_path / "curve").exists()


def test_each_run_has_its_clips_its_seed_and_the_steps_of_all(plan, monkeypatch):
    planned, seen = plan("LearningCurve.draws=2", "SEED=7"), {}
    monkeypatch.setattr(learning_curve, "train", lambda recipe, folder, *others: seen.update({folder.name: recipe}))
    train_curve(planned, FILES, [*TINY, "LearningCurve.draws=2", "SEED=7"])
    assert list(seen) == [f"share_{share}_{draw}" for draw in (1, 2) for share in ("0.25", "0.5", "1")]
    assert {name: recipe.seed for name, recipe in seen.items()} == {name: 6 + int(name[-1]) for name in seen}
    assert seen["share_0.5_2"].subset == ShareOfCurated(0.5, 2)
    assert {recipe.stages for recipe in seen.values()} == {planned.stages}
    assert {recipe.folds for recipe in seen.values()} == {(0,)}


def test_stages_keep_the_steps_that_they_are_given_and_a_stage_of_unknown_clips_needs_some(plan):
    files, own = ("best5k.gin",), "NoisySelection.scope='per_fold'"
    with pytest.raises(UserError, match=r"Stage fit takes the best noisy clips, .* give it steps"):
        plan(own, files=files)
    planned = plan(own, "best/Stage.steps=30", files=files)
    assert planned.stages[0].steps == 30
    assert [stage.steps for stage in planned.scorer_stages] == [4 * 4] + [4 * 4] * (len(planned.scorer_stages) - 1)


def test_a_scorer_that_knows_all_clips_is_refused(plan):
    with pytest.raises(UserError, match=r"Recipe.scorer_run has learnt from all training clips"):
        plan("Recipe.scorer_run='runs/all'", "best/Stage.steps=30", files=("best5k.gin",))


@pytest.mark.parametrize("params", [
    (), ("NoisySelection.scope='per_fold'", "best/Stage.labels=@SoftLabels()"),
    ("NoisySelection.scope='per_fold'", "best/Stage.labels=@SoftLabels()", "SoftLabels.scope='per_fold'",
     "SoftLabels.curated=0.5"),
])  # fmt: skip
def test_folds_of_a_scorer_that_know_more_than_a_share_together_are_refused(plan, params):
    with pytest.raises(UserError, match=r"asks the scorer's models of all folds, .* bind \w+.scope = 'per_fold'"):
        plan("best/Stage.steps=30", *params, files=("best5k.gin",))


def test_clips_are_planned_as_each_draw_holds_some_back(plan, monkeypatch):
    seen = []
    fold_data = learning_curve.fold_data
    monkeypatch.setattr(
        learning_curve, "fold_data", lambda recipe, *others: seen.append(recipe) or fold_data(recipe, *others)
    )
    plan("Recipe.inner_share=0.2", "SEED=7", "LearningCurve.shares=(0.9, 1.0)")
    assert {recipe.subset.draw: recipe.seed for recipe in seen if recipe.subset} == {1: 7, 2: 8, 3: 9}


@pytest.fixture
def grouped(tmp_path, synthetic) -> Path:
    """A folder with half of the curated clips, in groups of two; one class has a group alone."""
    folder, table = tmp_path / "grouped", pd.read_csv(synthetic / "train_curated.csv").head(20)
    (folder / "audio").mkdir(parents=True)
    for fname in table["fname"]:
        (folder / "audio" / fname).symlink_to(synthetic / "train_curated" / fname)
    table["labels"] = ["Rain", "Bark"] * 10
    table["group"] = np.repeat(np.arange(10), 2)
    table.loc[18:, "labels"] = "Rain,Siren"
    table["fold"] = (table["group"] > 1).astype(int)
    table.to_csv(folder / "sounds.csv", index=False)
    return folder


def test_a_share_that_leaves_a_class_without_clips_is_refused(plan, grouped):
    with pytest.raises(UserError, match=r"share of 0.1 leaves fold 0 no training clip of .*: take larger"):
        plan("LearningCurve.shares=(0.1, 1.0)", "LearningCurve.draws=9", data=grouped)


@pytest.mark.parametrize("params, says", [
    (["LearningCurve.shares=(0.5,)"], "two shares or more, not (0.5,)"),
    (["LearningCurve.shares=(0.5, 0.5)"], "two shares or more, not (0.5, 0.5)"),
    (["LearningCurve.shares=(0.0, 0.5)"], "above 0 and at most 1, not 0.0, 0.5"),
    (["LearningCurve.shares=(0.5, 25)"], "above 0 and at most 1, not 0.5, 25"),
    (["LearningCurve.draws=0"], "draws is from 1 to 100, not 0"),
    (["LearningCurve.worth=0.0"], "worth is lwlrap above 0, not 0.0"),
    (["LearningCurve.shares=(0.999, 1.0)"], "are all of 32 clips: take others"),
    (["LearningCurve.share=0.5"], "no parameter"),
])  # fmt: skip
def test_what_is_wrong_is_one_line_before_anything_is_trained(call, tmp_path, synthetic, params, says):
    flags = [f"--gin_param={param}" for param in [*TINY, *params]]
    done = call("learning_curve", f"--gin_file={FILES[0]}", f"--data_dir={synthetic}", "--folds=0",
                f"--run_dir={tmp_path / 'curve'}", *flags)  # fmt: skip
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and says in done.stderr
    assert not (tmp_path / "curve").exists()


def test_shipped_configuration_binds_every_value_as_it_is_by_default():
    curve, _ = configured(FILES, [], Path())
    assert curve == LearningCurve()
    assert all(config.is_bound(f"LearningCurve.{name}") for name in vars(curve))


def test_runs_of_other_folds_are_refused(plan, tmp_path):
    for fold in (0, 3):
        (tmp_path / "curve" / "share_0.5_2" / f"fold_{fold}").mkdir(parents=True)
    (tmp_path / "curve" / "share_0.5_2" / "fold_0" / "scores.npz").touch()
    plan()
    (tmp_path / "curve" / "share_0.5_2" / "fold_3" / "scores.npz").touch()
    with pytest.raises(UserError, match=r"share_0.5_2 has fold 3 too, .* give --folds as before"):
        plan()


def test_an_ensemble_has_no_curve(tmp_path):
    with pytest.raises(UserError, match="A learning curve is of one recipe"):
        configured(["strategies.gin", "learning_curve.gin"], [], tmp_path)


def test_a_folder_of_something_else_is_refused(plan, tmp_path):
    (tmp_path / "curve").mkdir()
    (tmp_path / "curve/manifest.json").touch()
    with pytest.raises(UserError, match=r"curve holds something else than a learning curve \(manifest.json\)"):
        plan()


@pytest.mark.slow
def test_the_command_trains_judges_answers_and_goes_on(call, tmp_path, synthetic, cache_dir, monkeypatch):
    place = tmp_path / "curve"
    params = ["LearningCurve.shares=(1.0, 0.5)", "LearningCurve.draws=1"]
    flags = [f"--gin_param={param}" for param in [*TINY, *params]]
    flags += [f"--gin_file={FILES[0]}", f"--data_dir={synthetic}", f"--cache_dir={cache_dir}", f"--run_dir={place}"]
    trained = training.executor.train_folds

    def stopped(recipe, run, *others):
        if run.folder.name == "share_1_1":
            raise KeyboardInterrupt
        trained(recipe, run, *others)

    with monkeypatch.context() as patched:
        patched.setattr(training.executor, "train_folds", stopped)
        done = call("learning_curve", "--folds=0", *flags)
    assert done.returncode == 130 and "goes on from the last epoch" in done.stderr
    done = call("learning_curve", "--folds=0", *flags)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Nothing to do") == 1 and f"Picture: {place / 'learning_curve.png'}" in done.stdout
    runs = pd.read_csv(place / "learning_curve.csv")
    assert list(runs["run"]) == ["share_0.5_1", "share_1_1"]
    for row in runs.itertuples():
        metrics = json.loads((place / row.run / "metrics.json").read_text())
        assert row.lwlrap == pytest.approx(metrics["test"]["lwlrap"])
        assert abs(metrics["steps"][0] - 16) <= 2  # whole epochs
    said = json.loads((place / "learning_curve.json").read_text())
    assert said["on"] == "16 test clips" and said["answer"] in done.stdout
    assert [row["share"] for row in said["table"]] == [0.5, 1.0] and said["clips"] == 32
