"""Results join what folds have scored by the names of the clips, whatever their order was then."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from fat_tf.errors import UserError
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.fold_scores import FoldScores, NamedScores, save_fold_scores
from fat_tf.runs.fold_state import FoldState, write_history
from fat_tf.runs.score_table import read_scores
from fat_tf.training import WarmupCosine
from fat_tf.training.board.settings import Board
from fat_tf.training.results import measure, write_results
from fat_tf.training.run_data import RunData
from fat_tf.training.stage import Stage
from fat_tf.training.summary import closing

CURATED, TEST, CLASSES = ["NA", "b", "c", "d"], ["t", "u", "NA"], ("1", "None")
RECIPE = SimpleNamespace(
    stages=(Stage("fit", WarmupCosine(1), start="fresh"),),
    inner_share=0.0,
    baseline=False,
    fits_baseline=False,
    seed=1,
    features="cached",
    board=Board(share=0.0),
)
ROW = {"stage": "fit", "epoch": 1, "val_loss": 1.0, "val_lwlrap": 0.5, "seconds": 2.0}


def run_data(test: list[str] = TEST) -> RunData:
    names = CURATED + test
    sources = ["curated"] * len(CURATED) + ["test"] * len(test)
    targets = np.eye(2, dtype=np.float32)[[0, 1, 0, 1, *([0] * len(test))]]
    clips = pd.DataFrame({"fname": names, "source": sources, "path": names})
    dataset = SimpleNamespace(vocabulary=CLASSES)
    return RunData(dataset, clips, targets, np.array([0, 0, 1, 1]), pd.DataFrame(), None, {})


def scores(value: float, names: list[str]) -> NamedScores:
    """A clip's scores: a number of its name, and the value of the fold."""
    return NamedScores(np.array(names), np.array([[len(name) + ord(name[0]) / 1000, value] for name in names]))


@pytest.fixture
def run(tmp_path) -> RunDirectory:
    """Two folds that had the test clips in different orders."""
    run = RunDirectory(tmp_path)
    for fold, held_out, test in ((0, ["b", "NA"], TEST), (1, ["c", "d"], TEST[::-1])):
        write_history(run.fold(fold), FoldState(history=[ROW]))
        save_fold_scores(run.fold(fold), FoldScores(scores(fold, held_out), scores(fold, test), 5, ("fit",)))
    return run


def test_scores_are_those_of_their_clips(run, tmp_path):
    metrics = write_results(RECIPE, run, run_data())
    test, oof = read_scores(tmp_path / "test_scores.csv"), read_scores(tmp_path / "oof_scores.csv")
    assert list(test.fnames) == TEST and test.vocabulary == CLASSES
    np.testing.assert_allclose(test.scores, scores(0.5, TEST).scores)
    assert list(oof.fnames) == CURATED
    expected = np.concatenate([scores(0, CURATED[:2]).scores, scores(1, CURATED[2:]).scores])
    np.testing.assert_allclose(oof.scores, expected)
    assert metrics["steps"] == [5, 5] and metrics["seconds"] == 4.0 and len(metrics["folds"]) == 2


def test_a_test_clip_that_a_fold_has_not_scored_is_named(run):
    with pytest.raises(UserError, match=r"fold_0/scores.npz has no scores of v"):
        write_results(RECIPE, run, run_data([*TEST, "v"]))


def test_folds_that_wait_for_an_appended_stage_are_left_out_and_said(run, tmp_path, capsys):
    save_fold_scores(run.fold(1), FoldScores(scores(1, ["c", "d"]), scores(1, TEST), 5, ("fit", "refit")))
    metrics = write_results(RECIPE, run, run_data())
    assert len(metrics["folds"]) == 1 and list(read_scores(tmp_path / "oof_scores.csv").fnames) == CURATED[:2]
    assert "leave out folds that have not been through all stages: 1" in capsys.readouterr().out


def test_all_silent_clips_are_said():
    index = {"frames": [3, 3], "frame_values": [2, 2], "total": [-600.0, -600.0], "total_of_squares": [6e4, 6e4]}
    data = RunData(None, None, None, None, pd.DataFrame(index), None, {})
    with pytest.raises(UserError, match="All of the 2 training clips are silent"):
        data.statistics(np.arange(2))


def test_background_counts_for_false_alarms_alone():
    truth, scores = np.array([[1, 0], [0, 1], [0, 0]]), np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.2]])
    with_it, without = measure(truth, scores, CLASSES), measure(truth[:2], scores[:2], CLASSES)
    assert with_it.pop("background") == {"clips": 1, "false_alarms": 1.0, "classes": {"1": 1}}
    assert with_it == without and with_it["accuracy"] == 0.5


def test_a_class_without_clips_is_not_the_weakest():
    truth, scores = np.array([[1, 0], [1, 0]]), np.array([[0.9, 0.1], [0.4, 0.6]])
    metrics = measure(truth, scores, CLASSES) | {"lwlrap_mean_of_folds": 0.75, "folds": [0.75]}
    assert list(metrics["per_class"].values()) == [0.75, None]
    assert f"Weakest classes: {CLASSES[0]} 0.750\n" in closing(metrics) + "\n"
