"""scores.npz: joined by the names of the clips."""

import numpy as np
import pytest

from fat_tf.errors import UserError
from fat_tf.runs.fold_scores import FoldScores, NamedScores, load_fold_scores, save_fold_scores, scored_stages

NAMED = NamedScores(np.array(["NA", "b.wav", "c.wav"]), np.arange(6.0).reshape(3, 2), np.array([0.0, 1.5, 0.0]))


def test_scores_follow_the_names_in_any_order():
    np.testing.assert_array_equal(NAMED.of(np.array(["c.wav", "NA"], object), "x"), [[4, 5], [0, 1]])


def test_clips_without_scores_are_named():
    with pytest.raises(UserError, match=r"fold_0 has no scores of d.wav: the run was trained with other clips"):
        NAMED.of(np.array(["b.wav", "d.wav"]), "fold_0")


def test_they_are_read_as_they_were_written(tmp_path):
    assert scored_stages(tmp_path) == ()
    save_fold_scores(tmp_path, FoldScores(NAMED, NamedScores(np.array([]), np.zeros((0, 0))), 7, ("1", "fit")))
    back = load_fold_scores(tmp_path)
    np.testing.assert_array_equal(back.held_out.of(NAMED.fnames, ""), NAMED.scores)
    np.testing.assert_array_equal(back.held_out.starts, NAMED.starts)
    assert back.test.starts is None  # as in a run of before these were kept
    assert (back.steps, back.stages, scored_stages(tmp_path), len(back.test.fnames)) == (
        7,
        ("1", "fit"),
        ("1", "fit"),
        0,
    )


def test_a_damaged_file_is_named_with_the_remedy(tmp_path):
    (tmp_path / "scores.npz").write_bytes(b"PK")
    with pytest.raises(UserError, match=r"scores.npz is damaged \(.*\): delete the folder"):
        scored_stages(tmp_path)
