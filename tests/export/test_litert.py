"""LiteRT files beside the models that they are made of."""

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.lite.python.schema_py_generated import BuiltinOperator

from fat_tf.audio import FrontEnd, LogMel
from fat_tf.audio.mel import mel_filters
from fat_tf.errors import UserError
from fat_tf.export.dft import mel_power
from fat_tf.export.formats import ExportRequest, export_litert
from fat_tf.export.keras_file import write_keras
from fat_tf.export.litert import FLOAT, INT8, _picture, convert, write_litert
from fat_tf.export.litert_scorer import LiteRTScorer, _scores, describe
from fat_tf.inference.clip_list import find_clips
from fat_tf.inference.predictor import Prediction, Predictor
from fat_tf.layers import DenseConv2D


@pytest.mark.parametrize("size", [1920, 2048, 882, 998, 400, 2])  # 998 = 2 · 499
def test_mel_power_is_that_of_an_fft(size):
    frames = np.random.default_rng(size).standard_normal((7, size)).astype(np.float32)
    filters = mel_filters(44100, size, 8, 20, 22050) + 0.01
    expected = np.abs(np.fft.rfft(frames)) ** 2 @ filters
    np.testing.assert_allclose(mel_power(tf.constant(frames), filters, tf.constant(1.0)), expected, rtol=1e-4)


@pytest.mark.parametrize("settings", [
    {},
    {"n_fft": [512, 1920], "hop_length": 401, "n_mels": 32},
    {"sample_rate": 16000, "n_fft": 400, "hop_length": 160, "fmax": 8000.0, "n_mels": 20},
])  # fmt: skip
def test_the_picture_is_that_of_the_front_end_in_8_bit_files_too(settings):
    log_mel = LogMel(**settings)
    decay = np.exp(-np.arange(50_000) / 4000)  # down to the floor
    sounds = np.random.default_rng(0).standard_normal((2, 50_000)) * decay + np.sin(np.arange(50_000) / 9) * [[0], [1]]
    waveform = (0.3 * sounds).astype(np.float32)
    draw = lambda waveform: {"picture": _picture(waveform, log_mel)}  # noqa: E731
    for content in convert(draw, tf.TensorSpec([None, 50_000], tf.float32, "waveform")).values():
        picture = tf.lite.Interpreter(model_content=content).get_signature_runner()(waveform=waveform)["picture"]
        np.testing.assert_allclose(picture, log_mel(waveform), atol=0.02)


@pytest.fixture(scope="module")
def models(both):
    return both


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


def test_a_short_clip_may_come_before_a_longer_one(models, folder):
    windows = np.random.default_rng(0).uniform(-0.5, 0.5, (8, 44100)).astype(np.float32)
    scorer = LiteRTScorer(folder / INT8, models.groups[0].front_end, 8)
    first = scorer.score(windows[:1])
    np.testing.assert_allclose(scorer.score(windows)[:1], first, atol=1e-5)


def test_named_tensors_and_built_in_operations_alone(folder):
    for name in (FLOAT, INT8):
        interpreter = tf.lite.Interpreter(str(folder / name))
        assert interpreter.get_signature_list()["serving_default"] == {"inputs": ["waveform"], "outputs": ["scores"]}
        operations = {details["op_name"] for details in interpreter._get_ops_details()}
        assert "CONV_2D" in operations and operations <= set(vars(BuiltinOperator))


def kernel_sizes(layer: keras.layers.Layer) -> list[int]:
    """A dense convolution has a kernel for each of its inputs."""
    if not isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
        return []
    *places, inputs, filters = layer.kernel.shape
    channels = [x.shape[-1] for x in layer.input] if isinstance(layer, DenseConv2D) else [inputs]
    return [int(np.prod(places)) * part * filters for part in channels]


def test_the_kernels_of_the_networks_alone_have_8_bits(models, folder):
    def sizes(file):
        details = tf.lite.Interpreter(str(file)).get_tensor_details()
        return sorted(np.prod(tensor["shape"]) for tensor in details if tensor["dtype"] == np.int8)

    layers = [layer for group in models.groups for network in group.networks for layer in network._flatten_layers()]
    kernels = [size for layer in layers for size in kernel_sizes(layer)]
    assert sizes(folder / INT8) == sorted(size for size in kernels if size >= 1024)  # LiteRT leaves smaller ones alone
    assert not sizes(folder / FLOAT)


@pytest.mark.parametrize(("change", "message"), [
    ({"window_seconds": 2.0}, "windows of 1.0 s trimmed at 60.0 dB, 2.0 s trimmed at 60.0 dB"),
    ({"trim_db": 30.0}, "takes one kind"),
    ({"spectrogram": LogMel(n_fft=88200)}, "44100 samples cannot be mirrored by half of n_fft 88200"),
])  # fmt: skip
def test_one_window_for_all_is_needed_and_nothing_left_without(models, tmp_path, change, message):
    first, second = models.groups
    front_end = FrontEnd(**{"window_seconds": 1.0, "spectrogram": second.front_end.spectrogram} | change)
    differing = replace(models, groups=[first, replace(second, front_end=front_end)])
    with pytest.raises(UserError, match=message):
        write_litert(tmp_path / "out", differing)
    if "n_fft" not in message:
        with pytest.raises(UserError, match=message):
            write_keras(tmp_path / "out" / "model.keras", differing, "float32")
    assert not (tmp_path / "out").exists()


def test_clips_score_nearly_as_by_the_runs(models, folder, synthetic, tmp_path):
    (tmp_path / "text.wav").write_text("no sound")
    clips = find_clips([*sorted((synthetic / "test").iterdir())[:6], tmp_path])
    ours = list(LiteRTScorer(folder / FLOAT, models.groups[0].front_end, 4)(clips))
    theirs = list(Predictor(models, Prediction(windows=4, precision="float32"))(clips))
    assert [bool(scored.error) for scored in ours] == [False] * 6 + [True]
    for one, other in zip(ours[:-1], theirs[:-1], strict=True):
        np.testing.assert_allclose(one.scores, other.scores, atol=0.05)  # the floor is each window's own


@pytest.mark.slow
def test_the_exporter_says_what_it_wrote(runs, tmp_path, capsys, synthetic):
    source = ExportRequest([runs / "b"], None, Prediction(windows=2), truth=synthetic / "test.csv")
    export_litert(source, tmp_path)
    said = capsys.readouterr().out
    assert said.count("windows/s here") == 2 and said.count("minus that of the runs in float32") == 2
    assert {file.name for file in tmp_path.iterdir()} == {FLOAT, INT8, "labels.txt", "model.json"}
    with pytest.raises(UserError, match="leave out --precision"):
        export_litert(ExportRequest([runs / "b"], None, Prediction(), precision="bfloat16"), tmp_path)
