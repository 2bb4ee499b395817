"""Where the sounds of a run's clips are found."""

import os
import re

import numpy as np
import pytest
from fake_runs import make_scored_run

from fat_tf.errors import UserError
from fat_tf.pages.clip_files import ClipFiles
from fat_tf.runs.score_table import ScoreTable


@pytest.fixture
def run(tmp_path):
    """Of data with the same name in two folders; its table keeps the paths."""
    scores = {"oof_scores.csv": ScoreTable("", ("a.wav",), ("Bark", "Rain"), np.array([[0.5, 0.5]]))}
    for place in ("data/curated", "data/test"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "a.wav").touch()
    labels = {"curated": {"a.wav": "Bark"}, "test": {"a.wav": "Rain"}}
    paths = {("curated", "a.wav"): "curated/a.wav", ("test", "a.wav"): "test/a.wav"}
    make_scored_run(tmp_path / "run", labels, scores, str(tmp_path / "data"), paths=paths)
    return tmp_path / "run"


def test_clips_of_the_same_name_are_told_apart(run, tmp_path):
    files = ClipFiles(run)
    assert files.find("curated", "a.wav") == str(tmp_path / "data/curated/a.wav")
    assert files.find("test", "a.wav") == str(tmp_path / "data/test/a.wav")


def test_moved_sounds_are_found_in_the_folder_that_is_named(run, tmp_path):
    (tmp_path / "data").rename(tmp_path / "moved")
    assert ClipFiles(run).find("curated", "a.wav") is None
    (tmp_path / "moved/test").rename(tmp_path / "elsewhere")
    assert ClipFiles(run, tmp_path / "moved").find("curated", "a.wav") == str(tmp_path / "moved/curated/a.wav")


def test_a_name_that_may_be_several_files_is_not_guessed_at(run, tmp_path):
    assert ClipFiles(run, tmp_path / "data").find("noisy", "a.wav") is None


def test_a_sound_is_not_taken_for_another_clip_of_its_name(run, tmp_path):
    (tmp_path / "data").rename(tmp_path / "moved")
    (tmp_path / "moved/test/a.wav").unlink()
    assert ClipFiles(run, tmp_path / "moved").find("test", "a.wav") is None


@pytest.mark.parametrize("folder, said", [("run", "run has none of the clips (a.wav, a.w"), ("gone", "is no folder")])
def test_a_folder_without_any_of_the_clips_is_said(run, tmp_path, folder, said):
    with pytest.raises(UserError, match=re.escape(said)):
        ClipFiles(run, tmp_path / folder)


def test_runs_that_kept_no_paths_are_searched_by_name(tmp_path):
    (tmp_path / "data/audio/dog").mkdir(parents=True)
    (tmp_path / "data/audio/dog/a.wav").touch()
    scores = {"oof_scores.csv": ScoreTable("", ("a",), ("Bark", "Rain"), np.array([[0.5, 0.5]]))}
    make_scored_run(tmp_path / "run", {"curated": {"a": "Bark"}}, scores, str(tmp_path / "data"))
    assert ClipFiles(tmp_path / "run").find("curated", "a") == os.path.join(tmp_path, "data", "audio/dog/a.wav")
