"""Scores of the noisy clips: whose they may be, and how long they are kept."""

import pickle
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from fat_tf.errors import UserError
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.manifest import Manifest, sha256, write_manifest
from fat_tf.training import noisy_scores
from fat_tf.training.noisy_scores import check_classes, check_folds, choose_noisy
from fat_tf.training.noisy_selection import NoisySelection
from fat_tf.training.relabelling import SoftLabels
from fat_tf.training.run_data import RunData
from fat_tf.training.scorers import check_scorers, found_scorer, judge_clips
from fat_tf.training.source_scorer import SourceScores

CLASSES = ("1", "NA")
CLIPS = pd.DataFrame({"fname": ["NA", "b", "c", "m", "n"], "labels": [("1",)] * 5,
                      "source": ["curated"] * 3 + ["noisy"] * 2})  # fmt: skip


def run_data(clips: pd.DataFrame = CLIPS) -> RunData:
    targets = np.tile([1.0, 0.0], (5, 1))
    dataset = SimpleNamespace(vocabulary=CLASSES, folder="data")
    return RunData(dataset, clips, targets, np.array([0, 1, 0]), pd.DataFrame(), None, {})


@pytest.fixture
def scorer(tmp_path) -> RunDirectory:
    """A run of the same classes with two folds."""
    run = RunDirectory(tmp_path / "scorer")
    for fold in range(2):
        run.fold(fold).mkdir(parents=True)
        (run.fold(fold) / "model.keras").write_text(f"model {fold}")
        (run.fold(fold) / "scores.npz").touch()
    (run.folder / "labels.csv").write_text("index,label\n0,1\n1,NA\n")
    (run.folder / "folds.csv").write_text("fname,fold\nNA,0\nb,1\nc,0\n")
    return run


@pytest.fixture
def scored(monkeypatch) -> list[str]:
    """Folds that scored; a clip's score says its name and the fold."""
    folds = []

    def scores(recipe, folder, data):
        folds.append(folder.name)
        names = data.clips["fname"].iloc[data.noisy]
        scores = np.array([[ord(name) / 200, int(folder.name[-1]) / 10] for name in names])
        return SourceScores(scores, 0.0, np.zeros(len(names)))

    monkeypatch.setattr(noisy_scores, "noisy_scores", scores)
    return folds


def choose(run, scorer: RunDirectory, data: RunData, scope="per_fold", windows: int = 8, check=False) -> dict:
    selection = NoisySelection(count=1, scope=scope)
    name = str(scorer.folder)
    recipe = SimpleNamespace(selection=selection, scorer_run=name, scorer_runs=(name,), windows=windows, selects=True,
                             relabelled=[], judged_parts=[selection], uses_noisy=True)  # fmt: skip
    if check:
        check_scorers(recipe, RunDirectory(run), data.folded, [0, 1])
    judged = judge_clips(recipe, RunDirectory(run), data, [0, 1])
    return {fold: of_fold.best for fold, of_fold in judged.items()}


def test_classes_that_look_like_missing_values_are_known(scorer):
    check_classes(scorer, run_data().dataset)


@pytest.mark.parametrize("theirs", ["NA,0\nb,1\nc,0\n", "NA,0\nc,0\nz,1\n"])
def test_a_scorer_of_the_same_folds_may_choose_for_each_fold(scorer, theirs):
    (scorer.folder / "folds.csv").write_text(f"fname,fold\n{theirs}")
    check_folds(scorer, run_data().folded, [0, 1], [])


def test_a_scorer_of_other_folds_may_not(scorer):
    (scorer.folder / "folds.csv").write_text("fname,fold\nNA,1\nb,1\nc,0\n")
    parts = [NoisySelection(scope="per_fold"), SoftLabels(scope="per_fold")]
    check_folds(scorer, run_data().folded, [1], parts)
    says = (
        r"has other folds: it was trained on 1 clips that the same fold of this run is judged by \(NA\). Train this "
        r"run with --folds_from=.*, or set NoisySelection.scope = 'all_folds', SoftLabels.scope = 'all_folds'$"
    )
    with pytest.raises(UserError, match=says):
        check_folds(scorer, run_data().folded, [0, 1], parts)


def test_a_scorer_is_looked_at_before_anything_is_computed(scorer, monkeypatch, capsys, tmp_path):
    labels = SimpleNamespace(scope="all_folds", takes_curated=True)
    recipe = SimpleNamespace(judged_parts=[labels], relabelled=[("fit", labels)], scorer_runs=(str(scorer.folder),),
                             front_end=SimpleNamespace(key="44100 Hz"), uses_noisy=True, unreadable="stop")  # fmt: skip
    asked = recipe, RunDirectory(tmp_path / "r"), run_data().folded, [0, 1]
    saved = SimpleNamespace(front_end=SimpleNamespace(key="44100 Hz"))
    monkeypatch.setattr(noisy_scores, "read_model", lambda file: saved)
    check_scorers(*asked)
    assert capsys.readouterr().err == ""
    write_tables(scorer.folder, "noisy")
    check_scorers(*asked)
    assert "scorer was trained on noisy clips too: where it judges them, it leans" in capsys.readouterr().err
    more = SimpleNamespace(dataset=asked[2].dataset, curated=pd.DataFrame({"fname": ["NA", "b", "c", "d"]}))
    with pytest.raises(UserError, match="no out-of-fold scores of 1 of the 4 curated clips, whose labels they are to"):
        check_scorers(recipe, asked[1], more, [0, 1])
    (scorer.folder / "folds.csv").write_text("fname,fold\nNA,x\n")
    with pytest.raises(UserError, match=r"folds\.csv was changed after the run was begun"):
        check_scorers(*asked)
    (scorer.folder / "folds.csv").write_text("fname,fold\nNA,0\nb,1\nc,0\n")
    saved.front_end.key = "22050 Hz"
    with pytest.raises(UserError, match="has another front end than this configuration"):
        check_scorers(*asked)
    (scorer.fold(1) / "scores.npz").unlink()
    with pytest.raises(UserError, match="has not finished fold_1"):
        check_scorers(*asked)


def test_a_scorer_that_nothing_asks_for_is_told(capsys, tmp_path):
    recipe = SimpleNamespace(judged_parts=[], scorer_runs=("nowhere",))
    check_scorers(recipe, RunDirectory(tmp_path), None, [0])
    assert "Recipe.scorer_run has no use: no stage has labels like" in capsys.readouterr().err


def write_tables(run: Path, source: str) -> None:
    (run / "clips.csv").write_text(f"source,fname,labels\n{source},x,NA\n")
    files = {name: sha256((run / name).read_text()) for name in ("labels.csv", "folds.csv", "clips.csv")}
    known = {"data_dir": None, "folds_from": None, "gin_files": (), "gin_params": (), "own_parts": ()}
    write_manifest(run, Manifest(recipe={}, files=files, **known))


def test_other_folds_are_refused_for_each_fold_alone(scorer, scored, tmp_path):
    (scorer.folder / "folds.csv").write_text("fname,fold\nNA,1\nb,1\nc,0\n")
    with pytest.raises(UserError, match="has other folds"):
        choose(tmp_path / "r", scorer, run_data(), check=True)
    choose(tmp_path / "r", scorer, run_data(), "all_folds")
    assert scored == ["fold_0", "fold_1"]


def test_a_scorer_of_a_bare_name_is_the_run_beside_this_one_first(tmp_path, monkeypatch):
    for folder in ("here/a", "here/b", "runs/a"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    run = RunDirectory(tmp_path / "runs" / "r")
    assert found_scorer("a", RunDirectory(tmp_path / "runs" / "a")).resolve() == tmp_path / "here" / "a"  # not itself
    found = [found_scorer(name, run) for name in ("a", "./a", "b", str(tmp_path / "here" / "a"))]
    assert [place.resolve().relative_to(tmp_path) for place in found] == [
        Path(place) for place in ("runs/a", "here/a", "here/b", "here/a")
    ]


@pytest.mark.parametrize("name, says", [
    ("own", "own is this run itself: name another one"), ("model.keras", "model.keras is a file: name the folder of"),
    ("none", r"there is no run none and no .*runs/none$"), ("/none", "there is no run /none$"),
])  # fmt: skip
def test_a_scorer_that_is_none_is_a_line(tmp_path, name, says):
    (tmp_path / "runs" / "own").mkdir(parents=True)
    (tmp_path / "runs" / "model.keras").touch()
    with pytest.raises(UserError, match=f"Recipe.scorer_run: {says}"):
        found_scorer(name, RunDirectory(tmp_path / "runs" / "own"))


def test_other_classes_are_named(scorer):
    other = SimpleNamespace(vocabulary=("1", "2"), folder="data")
    with pytest.raises(UserError, match=r"knows other classes \(2\) than data: 2, NA not in both"):
        check_classes(scorer, other)
    with pytest.raises(UserError, match="the same in another order"):
        check_classes(scorer, SimpleNamespace(vocabulary=CLASSES[::-1], folder="data"))


def test_clips_of_several_labels_alone_give_nothing_to_choose(tmp_path):
    data = run_data()
    data.targets[data.noisy] = 1
    with pytest.raises(UserError, match=r"No noisy clip has one label alone: NoisySelection\.single_label = False"):
        choose_noisy(NoisySelection(), RunDirectory(tmp_path), data, {0: np.full((1, len(data.noisy), 2), 0.5)}, [0])


def test_scores_are_kept_and_joined_by_name(scorer, scored, tmp_path):
    first = choose(tmp_path / "r", scorer, run_data())
    turned = CLIPS.iloc[[0, 1, 2, 4, 3]].reset_index(drop=True)
    second = choose(tmp_path / "r", scorer, run_data(turned))
    assert scored == ["fold_0", "fold_1"]
    assert [CLIPS["fname"][row] for row in first[0]] == [turned["fname"][row] for row in second[0]] == ["n"]


def test_another_model_or_more_windows_score_anew(scorer, scored, tmp_path):
    choose(tmp_path / "r", scorer, run_data())
    (scorer.fold(1) / "model.keras").write_text("trained with another MixUp")
    choose(tmp_path / "r", scorer, run_data())
    assert scored == ["fold_0", "fold_1", "fold_1"]
    choose(tmp_path / "r", scorer, run_data(), windows=4)
    assert len(scored) == 5


def test_another_model_is_refused_once_a_fold_has_begun(scorer, scored, tmp_path):
    choose(tmp_path / "r", scorer, run_data())
    (tmp_path / "r" / "fold_0").mkdir()
    (tmp_path / "r" / "fold_0" / "model.keras").touch()
    choose(tmp_path / "r", scorer, run_data())
    (scorer.fold(1) / "model.keras").write_text("trained further")
    with pytest.raises(UserError, match=r"scorer has another fold_1 than when .*: train into a new --run_dir"):
        choose(tmp_path / "r", scorer, run_data())


@pytest.mark.parametrize("theirs, count", [("NA,0\nb,0\nc,0\n", 1), ("NA,0\nb,1\nc,2\n", 3)])
def test_all_folds_are_those_of_the_scorer(scorer, scored, tmp_path, theirs, count):
    (scorer.folder / "folds.csv").write_text(f"fname,fold\n{theirs}")
    scorer.fold(2).mkdir()
    (scorer.fold(2) / "model.keras").write_text("model 2")
    (scorer.fold(2) / "scores.npz").touch()
    choose(tmp_path / "r", scorer, run_data(), "all_folds")
    assert scored == [f"fold_{fold}" for fold in range(count)]


def test_a_verdict_goes_to_another_process_without_the_pictures(scorer, scored, tmp_path):
    name, labels = str(scorer.folder), SoftLabels()
    recipe = SimpleNamespace(scorer_run=name, scorer_runs=(name,), windows=8, selects=False,
                             relabelled=[("fit", labels)], judged_parts=[labels])  # fmt: skip
    data = replace(run_data(), source=threading.Lock())  # which cannot be pickled
    judged = judge_clips(recipe, RunDirectory(tmp_path / "r"), data, [0, 1])
    scores = pickle.loads(pickle.dumps(judged))[1].scores["fit"]()
    assert np.isfinite(scores).all(axis=1).tolist() == [row in data.noisy for row in range(len(data.clips))]


def test_a_scorer_without_a_fold_is_said(scorer, scored, tmp_path):
    (scorer.fold(1) / "scores.npz").unlink()  # it has a model, of its best epoch until now
    with pytest.raises(UserError, match=r"has not finished fold_1: finish that run first"):
        choose(tmp_path / "r", scorer, run_data())
