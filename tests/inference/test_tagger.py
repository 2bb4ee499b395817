"""fat_tf.Tagger."""

import re

import numpy as np
import pytest
import soundfile as sf
import soxr

import fat_tf
from fat_tf.audio.decode import encoded
from fat_tf.errors import UserError
from fat_tf.inference.clip_list import find_clips
from fat_tf.inference.given_sound import mono
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


@pytest.mark.slow
def test_tags_are_the_highest_scores_of_all_runs(runs, clip):
    tagger = fat_tf.Tagger.from_run(runs / "a", runs / "b", prediction=FLOAT)
    (expected,) = Predictor(load_runs([runs / "a", runs / "b"], "float32"), FLOAT)([clip])
    np.testing.assert_array_equal(tagger.scores(clip.path), expected.scores)
    tags = tagger.tag(clip.path, top=3)
    assert tags == sorted(zip(tagger.labels, expected.scores, strict=True), key=lambda tag: -tag[1])[:3]


def test_a_file_and_its_samples_score_the_same(tagger, clip):
    samples, rate = sf.read(clip.path)
    np.testing.assert_allclose(tagger.scores(samples, rate), tagger.scores(clip.path), atol=1e-6)
    assert (tagger.sample_rate, tagger.window_seconds) == (44100, 1.0)


@pytest.mark.parametrize("rate", [44100, 16000])
def test_a_stream_gives_each_window_as_it_is_alone(tagger, rate):
    rng = np.random.default_rng(0)
    sound = (rng.standard_normal(3 * rate + 77) * np.linspace(0.01, 0.2, 3 * rate + 77)).astype(np.float32)
    blocks = np.split(sound, np.sort(rng.integers(0, len(sound), 30)))
    results = list(tagger.tag_stream(blocks, rate, hop_seconds=0.4, top=2))
    whole = soxr.resample(sound, rate, 44100)
    assert [round(start, 2) for start, _ in results] == [0, 0.4, 0.8, 1.2, 1.6, 2.0, round(len(whole) / 44100 - 1, 2)]
    for start, tags in results:
        first = round(start * 44100)
        scores = tagger.scores(whole[first : first + 44100], 44100)
        assert [label for label, _ in tags] == [tagger.labels[k] for k in np.argsort(-scores)[:2]]
        np.testing.assert_allclose([score for _, score in tags], np.sort(scores)[:-3:-1], atol=1e-4)


def test_a_stream_of_less_than_a_window_is_one(tagger):
    ((start, tags),) = tagger.tag_stream([np.ones(500, np.float32), np.zeros(30, np.float32)], 44100)
    assert start == 0 and len(tags) == 5
    assert list(tagger.tag_stream([], 44100)) == []


@pytest.mark.parametrize(("samples", "message"), [
    (np.zeros((2, 5)), r"the shape \(samples,\) or \(samples, channels\), not \(2, 5\): transpose it"),
    (np.zeros((2, 5, 1)), r"not \(2, 5, 1\)"),
    (np.zeros((5, 0)), r"not \(5, 0\)"),
    (np.zeros(5, np.int64), "int16, int32 of full scale, not int64"),
    (np.zeros(5, bool), "not bool"),
    (["a", "b"], "not str"),
    (np.array([0.1, np.nan, 0.1]), "not finite"),
    (np.zeros(1), "too short: 1 samples"),
    (np.zeros(0), "too short: 0 samples"),
])  # fmt: skip
def test_samples_that_are_no_sound_are_refused(tagger, samples, message):
    with pytest.raises(UserError, match=message):
        tagger.scores(samples, 44100)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "float16", "float64"])
def test_samples_of_any_kind_are_the_same_sound(dtype):
    sound = np.float32([-1, -0.5, 0, 0.25, 127 / 128])
    full = {"int8": 128, "uint8": 128, "int16": 2**15, "int32": 2**31}.get(dtype, 1)
    given = (sound.astype(np.float64) * full + (128 if dtype == "uint8" else 0)).astype(dtype)
    np.testing.assert_array_equal(mono(given), sound)


def test_integers_in_stereo_are_tagged_as_the_sound(tagger):
    sound = np.round(100 * np.sin(np.arange(8000) ** 1.3 / 30)) / 128
    stereo = np.stack([np.int16(sound * 2**15)] * 2, axis=1)
    expected = tagger.tag(sound, sample_rate=16000)
    for (label, score), (other, same) in zip(tagger.tag(stereo, sample_rate=16000), expected, strict=True):
        assert label == other and score == pytest.approx(same, abs=1e-6)


def test_channels_are_averaged_and_lists_taken():
    np.testing.assert_array_equal(mono([[0.5, 0.25], [-0.5, 0.0], [1, 1]]), np.float32([0.375, -0.25, 1]))
    np.testing.assert_array_equal(mono(np.uint8([0, 128, 255])), np.float32([-1, 0, 127 / 128]))


def test_of_channels_that_cancel_the_loudest_is_taken():
    sound = np.sin(np.arange(2000, dtype=np.float32))
    with pytest.warns(UserWarning, match="cancel each other out"):
        np.testing.assert_array_equal(mono(np.stack([-0.99 * sound, sound], axis=1)), sound)


def test_samples_beyond_full_scale_are_warned_of(recwarn):
    mono(np.float32([1.0, -1.0]))
    mono(np.int16([32767, -32768]))
    assert not recwarn.list
    with pytest.warns(UserWarning, match=r"Samples lie beyond \[-1, 1\]"):
        mono(np.array([0.0, -32768.0]))


@pytest.mark.parametrize("form, subtype", [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS")])
def test_contents_of_a_file_are_as_good_as_the_file(tagger, tmp_path, form, subtype):
    content = encoded(np.sin(np.arange(9000) ** 1.2 / 50) / 3, 22050, form, subtype)
    (tmp_path / "a").write_bytes(content)
    for sound in (content, bytearray(content), str(tmp_path / "a")):
        np.testing.assert_array_equal(tagger.scores(sound), tagger.scores(tmp_path / "a"))


def test_it_says_what_it_is(tagger):
    assert re.fullmatch(r"Tagger\(.*, 3 models, 16 classes, float32, 44100 Hz, windows of 1 s\)", repr(tagger))


@pytest.mark.parametrize("sound, rate, message", [
    (np.zeros(500), None, "Samples need their rate: tag"),
    (np.zeros(500), 0, "sample_rate is in Hz, 1000 to 768000, not 0"),
    (np.zeros(500), float("nan"), "not nan"),
    ("a.wav", 16000, "has a rate of its own: leave out sample_rate"),
    (b"no sound", None, "The sound cannot be read: not a readable sound file"),
    (b"", None, "The sound cannot be read"),
])  # fmt: skip
def test_what_else_is_no_sound_is_refused(tagger, sound, rate, message):
    with pytest.raises(UserError, match=message):
        tagger.tag(sound, sample_rate=rate)


def test_what_cannot_be_read_is_said(tagger):
    with pytest.raises(UserError, match="No such file"):
        tagger.tag("nowhere.wav")
    with pytest.raises(UserError, match="hop_seconds must be above 0"):
        next(tagger.tag_stream([], 44100, hop_seconds=0))


def test_the_package_has_nothing_else_hidden():
    with pytest.raises(AttributeError, match="has no attribute 'Tager'"):
        fat_tf.Tager  # noqa: B018
    assert {"Tagger", "load_parts", "models"} <= set(dir(fat_tf))
