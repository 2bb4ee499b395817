"""fat_tf.Tagger."""

import numpy as np
import pytest

import fat_tf
from fat_tf.errors import UserError
from fat_tf.inference.clips import find_clips
from fat_tf.inference.models import load_runs
from fat_tf.inference.prediction import Prediction, Predictor


def test_tags_are_the_highest_scores_of_all_runs(runs, synthetic):
    clip = find_clips([synthetic / "test"])[0]
    tagger = fat_tf.Tagger.from_run(runs / "a", runs / "b", prediction=Prediction(precision="float32"))
    (expected,) = Predictor(load_runs([runs / "a", runs / "b"], "float32"), Prediction(precision="float32"))([clip])
    np.testing.assert_array_equal(tagger.scores(clip.path), expected.scores)
    tags = tagger.tag(clip.path, top=3)
    assert tags == sorted(zip(tagger.labels, expected.scores, strict=True), key=lambda tag: -tag[1])[:3]
    with pytest.raises(UserError, match="No such file"):
        tagger.tag("nowhere.wav")


def test_the_package_has_nothing_else_hidden():
    with pytest.raises(AttributeError, match="has no attribute 'Tager'"):
        fat_tf.Tager  # noqa: B018
