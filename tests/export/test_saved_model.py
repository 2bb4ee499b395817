"""An exported model beside the runs that it is made of."""

import io
import struct

import numpy as np
import pytest
import soundfile as sf
import soxr
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorflow.core.protobuf import saved_model_pb2

from fat_tf.export.saved_model import warmup_requests
from fat_tf.export.verification import _in_fresh_process
from fat_tf.inference.clip_list import Clip
from fat_tf.inference.predictor import Prediction, Predictor

RATE = 44100
OUTPUTS = ("scores", "labels", "top_scores", "embedding", "error")


@pytest.fixture(scope="module")
def models(both):
    return both


@pytest.fixture(scope="module")
def predictor(models):
    return Predictor(models, Prediction(windows=4, precision="float32"))


@pytest.fixture(scope="module")
def served(exported):
    """The signatures; the loaded model is kept alive with them."""
    model = tf.saved_model.load(str(exported))
    return {"model": model, **model.signatures}


def wav(samples: np.ndarray, rate: int = RATE) -> bytes:
    file = io.BytesIO()
    sf.write(file, samples, rate, subtype="PCM_16", format="WAV")
    return file.getvalue()


def by_bytes(served, *contents: bytes) -> dict[str, np.ndarray]:
    out = served["serving_default"](wav_bytes=tf.constant(contents, tf.string))
    return {name: values.numpy() for name, values in out.items()}


def by_waveform(served, sounds: list[np.ndarray], lengths=None) -> dict[str, np.ndarray]:
    longest = max(map(len, sounds))
    padded = np.stack([np.pad(sound, (0, longest - len(sound)), constant_values=0.7) for sound in sounds])
    lengths = [len(sound) for sound in sounds] if lengths is None else lengths
    out = served["waveform"](waveform=tf.constant(padded, tf.float32), lengths=tf.constant(lengths, tf.int32))
    return {name: values.numpy() for name, values in out.items()}


@pytest.fixture(scope="module")
def sounds(synthetic):
    """Test clips of one window and of several."""
    files = sorted((synthetic / "test").iterdir())[:6]
    return [sf.read(file, dtype="float32")[0] for file in files] + [np.sin(np.arange(9 * RATE) ** 1.3 / 900) / 3]


def of_runs(predictor, tmp_path, contents: list[bytes]) -> np.ndarray:
    for number, content in enumerate(contents):
        (tmp_path / f"{number}.wav").write_bytes(content)
    clips = [Clip(str(number), str(tmp_path / f"{number}.wav")) for number in range(len(contents))]
    return np.stack([scored.scores for scored in predictor(clips)])


LIMITS = [(RATE, 1e-5), (8000, 2e-2), (16000, 2e-2), (48000, 5e-3), (96000, 5e-3)]  # Hz, of scores


@pytest.mark.parametrize(("rate", "limit"), LIMITS)
def test_scores_of_files_are_those_of_the_runs(served, predictor, sounds, tmp_path, rate, limit):
    stereo = [np.stack([sound, -0.3 * sound], axis=1) for sound in sounds]
    contents = [wav(soxr.resample(sound, RATE, rate), rate) for sound in stereo]
    out = by_bytes(served, *contents)
    assert not out["error"].any()
    np.testing.assert_allclose(out["scores"], of_runs(predictor, tmp_path, contents), atol=limit)


def test_waveforms_score_as_files_do_whatever_follows_them(served, sounds):
    rounded = [np.round(sound * 32768) / 32768 for sound in sounds]
    files, waveforms = by_bytes(served, *map(wav, rounded)), by_waveform(served, rounded)
    np.testing.assert_allclose(waveforms["scores"], files["scores"], atol=1e-6)
    np.testing.assert_allclose(waveforms["embedding"], files["embedding"], rtol=1e-3, atol=1e-4)


def test_pictures_score_as_waveforms_do(served, models, sounds):
    for sound in (sounds[0], sounds[-1]):
        front_ends = [group.front_end for group in models.groups]
        pictures = [f(f.prepare(tf.constant(sound, tf.float32))[None]) for f in front_ends]
        out = served["log_mel"](log_mel=pictures[0], log_mel_2=pictures[1])
        np.testing.assert_allclose(out["scores"], by_waveform(served, [sound])["scores"], atol=1e-6)


def test_labels_are_those_of_the_best_scores(served, sounds, models):
    out = by_waveform(served, sounds)
    order = np.argsort(-out["scores"], axis=1)[:, :3]
    np.testing.assert_array_equal(out["top_scores"], np.take_along_axis(out["scores"], order, axis=1))
    assert out["labels"].tolist() == [[models.vocabulary[k].encode() for k in row] for row in order]


def test_the_embedding_is_what_the_last_layers_see(served, sounds, models):
    """The logits of one window, made from it by the last layers' weights, give the scores."""
    short = sounds[0][:RATE]
    out = by_waveform(served, [short])
    place, scores = 0, 0
    for group in models.groups:
        for network, weight in zip(group.networks, group.weights, strict=True):
            kernel, bias = network.layers[-1].get_layer("logits").get_weights()
            logits = out["embedding"][0, place : place + len(kernel)] @ kernel + bias
            scores, place = scores + weight / (1 + np.exp(-logits)), place + len(kernel)
    assert place == out["embedding"].shape[1]
    np.testing.assert_allclose(out["scores"][0], scores, atol=1e-5)


def rate_of(rate: int) -> bytes:
    contents = bytearray(wav(np.zeros(500)))
    contents[24:28] = struct.pack("<I", rate)
    return bytes(contents)


BAD_FILES = [
    (b"", "empty"),
    (b"hello world", "not a WAV"),
    (wav(np.ones(500))[:300], "cut short"),
    (wav(np.ones(500))[:40] + b"\xf0\xff\xff\x6f" + wav(np.ones(500))[44:], "cut short"),
    (wav(np.zeros(0)), "no samples"),
    (wav(np.zeros(1)), "one sample only"),
    (rate_of(0), "a sample rate of 0 Hz: send one of 8000, "),
    (rate_of(12345), "a sample rate of 12345 Hz"),
    (rate_of(4_000_000_000), "a sample rate of"),
]


def test_a_bad_file_harms_no_other(served, sounds):
    contents = [wav(sounds[0]), *(bad for bad, _ in BAD_FILES), wav(sounds[1])]
    out, alone = by_bytes(served, *contents), by_bytes(served, wav(sounds[0]), wav(sounds[1]))
    for name in ("scores", "top_scores", "embedding"):
        np.testing.assert_allclose(out[name][[0, -1]], alone[name], rtol=1e-5, atol=1e-6)
        assert not out[name][1:-1].any()
    assert not out["error"][[0, -1]].any() and not (out["labels"][1:-1] != b"").any()
    for error, (_, message) in zip(out["error"][1:-1], BAD_FILES, strict=True):
        assert message in error.decode()


def test_bad_waveforms_and_lengths_harm_no_other(served, sounds):
    fine = sounds[0][:1000]
    bad = [np.full(1000, np.nan), np.r_[fine[:-1], np.inf], 1e30 * fine]
    out = by_waveform(served, [fine, *bad, fine, fine, fine, fine], [1000, 1000, 1000, 1000, 1001, -1, 0, 1])
    said = ["", "not finite", "not finite", "beyond a billion"]
    said += ["1001 samples in an array of 1000", "-1 samples", "no samples", "one sample only"]
    for error, message in zip(out["error"], said, strict=True):
        assert message in error.decode() and bool(message) == bool(error)
    np.testing.assert_allclose(out["scores"][0], by_waveform(served, [fine])["scores"][0], atol=1e-6)
    assert not out["scores"][1:].any()


def test_bad_pictures_are_said(served, models):
    shapes = [group.front_end.picture_shape for group in models.groups]
    pictures = [np.full((2, *shape), -40.0, np.float32) for shape in shapes]
    pictures[1][1, 0, 0] = np.nan
    out = served["log_mel"](log_mel=pictures[0], log_mel_2=pictures[1])
    assert [bool(error) for error in out["error"].numpy()] == [False, True]
    narrow = served["log_mel"](log_mel=pictures[0][:, :, :5], log_mel_2=pictures[1])
    assert "5 frames: a picture has 64 or more" in narrow["error"].numpy()[0].decode()


def test_an_empty_batch_is_empty(served):
    assert by_bytes(served)["scores"].shape[0] == 0


def test_more_windows_than_fit_at_once_are_the_same(served, sounds):
    many = by_waveform(served, [sounds[-1]] * 20 + [sounds[0]])  # 81 windows
    one = by_waveform(served, [sounds[-1], sounds[0]])
    np.testing.assert_allclose(many["scores"][[0, 19, 20]], one["scores"][[0, 0, 1]], atol=1e-6)


def test_lengths_of_another_number_are_an_error(served):
    with pytest.raises(tf.errors.InvalidArgumentError, match="one for each row"):
        served["waveform"](waveform=tf.zeros([2, 5]), lengths=tf.zeros([3], tf.int32))


def test_only_operations_that_every_server_has(exported, served):
    (graph,) = saved_model_pb2.SavedModel.FromString((exported / "saved_model.pb").read_bytes()).meta_graphs
    nodes = [
        *graph.graph_def.node,
        *(node for function in graph.graph_def.library.function for node in function.node_def),
    ]
    foreign = {node.op for node in nodes if ">" in node.op or "PyFunc" in node.op}
    assert len(nodes) > 500 and not foreign
    for name in ("serving_default", "waveform", "log_mel"):
        assert set(served[name].structured_outputs) == set(OUTPUTS)


@pytest.mark.slow
def test_it_runs_where_only_tensorflow_is(exported, served, sounds, tmp_path):
    (tmp_path / "sounds").mkdir()
    (tmp_path / "sounds" / "a.wav").write_bytes(wav(sounds[0]))
    (tmp_path / "sounds" / "b.txt").write_text("no sound")
    out = _in_fresh_process(exported, tmp_path / "sounds", tmp_path / "out.npz")
    np.testing.assert_allclose(out["scores"], by_bytes(served, wav(sounds[0]), b"no sound")["scores"], atol=1e-6)
    assert out["error"].tolist() == [b"", b"not a WAV file"]


def test_warm_up_requests_are_requests(served, models):
    for signature, inputs in warmup_requests(models).items():
        out = served[signature](**{name: tf.constant(values) for name, values in inputs.items()})
        assert not out["error"].numpy().any()


@pytest.fixture(scope="module")
def mutated_from(sounds):
    return wav(sounds[0][:3000]), wav(np.stack([sounds[1][:3000]] * 2, axis=1), 16000)


@settings(max_examples=40)
@given(data=st.data())
def test_mutated_files_never_raise(served, mutated_from, data):
    batch = [mutated_from[0]]
    for _ in range(6):
        contents = bytearray(data.draw(st.sampled_from(mutated_from)))
        for _ in range(data.draw(st.integers(1, 4))):
            place = data.draw(st.integers(0, 47) | st.integers(0, len(contents)))
            contents[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
        batch.append(bytes(contents))
    out = by_bytes(served, *batch)
    assert not out["error"][0] and np.isfinite(out["scores"]).all()
    assert all(bool(error) != bool(row.any()) for error, row in zip(out["error"], out["scores"], strict=True))
