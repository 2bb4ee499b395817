"""What a run knows of its data, and what is said where it does not."""

import numpy as np
import pytest
from fake_runs import make_scored_run

from fat_tf.errors import UserError
from fat_tf.runs.run_labels import data_dir_of, knows_its_data, run_labels
from fat_tf.runs.score_table import ScoreTable

LABELS = {"curated": {"a.wav": "1", "b.wav": "1,NA", "c.wav": ""}, "test": {"d.wav": ""}}


@pytest.fixture
def run(tmp_path):
    """A run on a folder `sounds`, with classes that look like numbers and gaps."""
    (tmp_path / "sounds").mkdir()
    scores = {"oof_scores.csv": ScoreTable("", ("a.wav", "b.wav"), ("1", "NA"), np.zeros((2, 2)))}
    make_scored_run(tmp_path / "r", LABELS, scores, data_dir=str(tmp_path / "sounds"))
    return tmp_path / "r"


def test_labels_are_texts_and_clips_of_which_none_has_any_are_left_out(run):
    assert dict(run_labels(run, "curated")[["fname", "labels"]].to_numpy()) == LABELS["curated"]
    assert run_labels(run, "test").empty
    assert knows_its_data(run) and not knows_its_data(run.parent) and not knows_its_data(run / "labels.csv")


def test_the_data_folder_is_the_one_of_training_unless_it_moved(run):
    assert data_dir_of(run) == str(run.parent / "sounds")
    (run.parent / "sounds").rename(run.parent / "elsewhere")
    with pytest.raises(UserError, match=r"sounds, which is not there: give its place with --data_dir$"):
        data_dir_of(run)


def test_a_run_of_an_earlier_version_or_none_is_said(run):
    (run / "manifest.json").unlink()
    with pytest.raises(UserError, match=r"is of an earlier version, which did not note its data: give --data_dir"):
        data_dir_of(run)
    with pytest.raises(UserError, match=r"earlier version.*give --truth"):
        run_labels(run, "curated")
    with pytest.raises(UserError, match="is no run"):
        run_labels(run.parent, "curated")


def test_labels_that_were_changed_by_hand_are_refused(run):
    (run / "clips.csv").write_text((run / "clips.csv").read_text().replace("a.wav,1", "a.wav,NA"))
    with pytest.raises(UserError, match="was changed after the run was begun"):
        run_labels(run, "curated")
