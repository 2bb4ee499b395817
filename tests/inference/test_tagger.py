"""fat_tf.Tagger."""

import numpy as np
import pytest
import soundfile as sf
import soxr

import fat_tf
from fat_tf.errors import UserError
from fat_tf.inference.clip_list import find_clips
from fat_tf.inference.predictor import Prediction, Predictor
from fat_tf.inference.run_models import load_runs

FLOAT = Prediction(precision="float32")


@pytest.fixture(scope="module", params=["run", "saved model"])
def tagger(request, runs, exported):
    if request.param == "run":
        return fat_tf.Tagger.from_run(runs / "a", runs / "b", prediction=FLOAT)
    return fat_tf.Tagger.from_saved_model(exported)


@pytest.fixture(scope="module")
def clip(synthetic):
    return find_clips([synthetic / "test"])[0]


def test_tags_are_the_highest_scores_of_all_runs(runs, clip):
    tagger = fat_tf.Tagger.from_run(runs / "a", runs / "b", prediction=FLOAT)
    (expected,) = Predictor(load_runs([runs / "a", runs / "b"], "float32"), FLOAT)([clip])
    np.testing.assert_array_equal(tagger.scores(clip.path), expected.scores)
    tags = tagger.tag(clip.path, top=3)
    assert tags == sorted(zip(tagger.labels, expected.scores, strict=True), key=lambda tag: -tag[1])[:3]


def test_a_file_and_its_samples_score_the_same(tagger, clip):
    samples, rate = sf.read(clip.path)
    np.testing.assert_allclose(tagger.scores_of(samples, rate), tagger.scores(clip.path), atol=1e-6)
    assert (tagger.sample_rate, tagger.window_seconds) == (44100, 1.0)


@pytest.mark.parametrize("rate", [44100, 16000])
def test_a_stream_gives_each_window_as_it_is_alone(tagger, rate):
    rng = np.random.default_rng(0)
    sound = (rng.standard_normal(3 * rate + 77) * np.linspace(0.01, 0.5, 3 * rate + 77)).astype(np.float32)
    blocks = np.split(sound, np.sort(rng.integers(0, len(sound), 30)))
    results = list(tagger.tag_stream(blocks, rate, hop_seconds=0.4, top=2))
    whole = soxr.resample(sound, rate, 44100)
    assert [round(start, 2) for start, _ in results] == [0, 0.4, 0.8, 1.2, 1.6, 2.0, round(len(whole) / 44100 - 1, 2)]
    for start, tags in results:
        first = round(start * 44100)
        scores = tagger.scores_of(whole[first : first + 44100], 44100)
        assert [label for label, _ in tags] == [tagger.labels[k] for k in np.argsort(-scores)[:2]]
        np.testing.assert_allclose([score for _, score in tags], np.sort(scores)[:-3:-1], atol=1e-4)


def test_a_stream_of_less_than_a_window_is_one(tagger):
    ((start, tags),) = tagger.tag_stream([np.ones(500, np.float32), np.zeros(30, np.float32)], 44100)
    assert start == 0 and len(tags) == 5
    assert list(tagger.tag_stream([], 44100)) == []


@pytest.mark.parametrize(("samples", "message"), [
    (np.zeros((5, 2)), r"of shape \(samples,\), not float64 of \(5, 2\)"),
    (np.zeros(5, np.int16), "not int16"),
    (np.array([0.1, np.nan, 0.1]), "not finite"),
    (np.zeros(1), "too short: 1 samples"),
    (np.zeros(0), "too short: 0 samples"),
])  # fmt: skip
def test_samples_that_are_no_sound_are_refused(tagger, samples, message):
    with pytest.raises(UserError, match=message):
        tagger.scores_of(samples, 44100)


def test_what_cannot_be_read_is_said(tagger):
    with pytest.raises(UserError, match="No such file"):
        tagger.tag("nowhere.wav")
    with pytest.raises(UserError, match="hop_seconds must be above 0"):
        next(tagger.tag_stream([], 44100, hop_seconds=0))


def test_the_package_has_nothing_else_hidden():
    with pytest.raises(AttributeError, match="has no attribute 'Tager'"):
        fat_tf.Tager  # noqa: B018
