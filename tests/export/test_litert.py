"""LiteRT files beside the models that they are made of."""

import numpy as np
import pytest
import tensorflow as tf

from fat_tf.audio import LogMel
from fat_tf.audio.mel import mel_filters
from fat_tf.errors import UserError
from fat_tf.export.dft import mel_power
from fat_tf.export.exporting import Source, export_litert
from fat_tf.export.litert import FLOAT, INT8, _picture, write_litert
from fat_tf.export.litert_scorer import LiteRTScorer, _scores, describe
from fat_tf.inference.clips import find_clips
from fat_tf.inference.models import load_runs
from fat_tf.inference.prediction import Prediction, Predictor

ONE = tf.constant(1.0)


@pytest.mark.parametrize("size", [1920, 2048, 882, 998, 400, 2])  # 998 = 2 · 499
def test_mel_power_is_that_of_an_fft(size):
    frames = np.random.default_rng(size).standard_normal((7, size)).astype(np.float32)
    filters = mel_filters(44100, size, 8, 20, 22050) + 0.01
    expected = np.abs(np.fft.rfft(frames)) ** 2 @ filters
    np.testing.assert_allclose(mel_power(tf.constant(frames), filters, ONE), expected, rtol=1e-4)


@pytest.mark.parametrize("settings", [
    {},
    {"n_fft": [512, 1920], "hop_length": 401, "n_mels": 32},
    {"sample_rate": 16000, "n_fft": 400, "hop_length": 160, "fmax": 8000.0, "n_mels": 20},
])  # fmt: skip
def test_the_picture_is_that_of_the_front_end(settings):
    log_mel = LogMel(**settings)
    decay = np.exp(-np.arange(50_000) / 4000)  # down to the floor
    sounds = np.random.default_rng(0).standard_normal((2, 50_000)) * decay + np.sin(np.arange(50_000) / 9) * [[0], [1]]
    waveform = tf.constant(0.3 * sounds, tf.float32)
    np.testing.assert_allclose(_picture(waveform, log_mel, ONE), log_mel(waveform), atol=0.02)


@pytest.fixture(scope="module")
def models(runs):
    return load_runs([runs / "a", runs / "b"], "float32", [7, 3])


@pytest.fixture(scope="module")
def folder(models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("litert")
    write_litert(folder, models)
    return folder


@pytest.mark.parametrize(("name", "limit"), [(FLOAT, 1e-4), (INT8, 0.05)])
def test_scores_are_those_of_the_models_in_any_batch(models, folder, name, limit):
    scorer = LiteRTScorer(folder / name, models.groups[0].front_end, 4)
    windows = np.random.default_rng(0).uniform(-0.5, 0.5, (11, 44100)).astype(np.float32)
    windows *= np.linspace(0.001, 1, 11, dtype=np.float32)[:, None]
    scores = scorer.score(windows)
    np.testing.assert_allclose(scores, _scores(models, windows), atol=limit)
    np.testing.assert_allclose(scorer.score(windows[4:5]), scores[4:5], atol=1e-5)
    assert "windows differ from the runs' by 0.0" in describe(folder / name, scorer, windows, models)


def test_only_built_in_operations_and_smaller_weights(folder):
    for name in (FLOAT, INT8):
        interpreter = tf.lite.Interpreter(str(folder / name), experimental_preserve_all_tensors=False)
        operations = {details["op_name"] for details in interpreter._get_ops_details()}
        assert "CONV_2D" in operations and not any("Flex" in op or op.startswith("Custom") for op in operations)
    content = (folder / INT8).read_bytes()
    assert len(content) < 0.8 * (folder / FLOAT).stat().st_size


def test_clips_score_nearly_as_by_the_runs(models, folder, synthetic, tmp_path):
    (tmp_path / "text.wav").write_text("no sound")
    clips = find_clips([synthetic / "test", tmp_path])
    ours = list(LiteRTScorer(folder / FLOAT, models.groups[0].front_end, 4)(clips))
    theirs = list(Predictor(models, Prediction(windows=4, precision="float32"))(clips))
    assert [bool(scored.error) for scored in ours] == [False] * 16 + [True]
    for one, other in zip(ours[:-1], theirs[:-1], strict=True):
        np.testing.assert_allclose(one.scores, other.scores, atol=0.05)  # the floor is each window's own


def test_the_exporter_says_what_it_wrote(runs, tmp_path, capsys, synthetic):
    source = Source([runs / "b"], None, Prediction(windows=2), truth=synthetic / "test.csv")
    export_litert(source, tmp_path)
    said = capsys.readouterr().out
    assert said.count("windows/s here") == 2 and said.count("minus that of the runs in float32") == 2
    assert {file.name for file in tmp_path.iterdir()} == {FLOAT, INT8, "labels.txt", "model.json"}
    with pytest.raises(UserError, match="leave out --precision"):
        export_litert(Source([runs / "b"], None, Prediction(), precision="bfloat16"), tmp_path)
