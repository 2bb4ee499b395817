"""An exported model behind real model servers, over HTTP on loopback.

They run in an environment of their own, named by FAT_TF_SERVING_PYTHON; docs/figures.md says how to make it.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import tensorflow as tf
from clients import in_base64, infer, post, predict, tag

from fat_tf.export.formats import ExportRequest, export_saved_model
from fat_tf.inference.predictor import Prediction

PYTHON = os.environ.get("FAT_TF_SERVING_PYTHON")
HERE = Path(__file__).parent
CLIENTS = 8
STARTUP_SECONDS = 120

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON, reason="FAT_TF_SERVING_PYTHON names no Python with kserve and nvidia-pytriton"),
]


@pytest.fixture(scope="module")
def model(runs, tmp_path_factory) -> Path:
    """A version folder as tools/export.py writes it."""
    output = tmp_path_factory.mktemp("served")
    export_saved_model(ExportRequest([runs / "a", runs / "b"], None, Prediction(windows=4)), output)
    return output / "1"


@pytest.fixture(scope="module")
def clips(synthetic) -> list[bytes]:
    """Different sounds, as many as there are clients."""
    return [file.read_bytes() for file in sorted((synthetic / "test").iterdir())[:CLIENTS]]


@pytest.fixture(scope="module")
def expected(model, clips) -> np.ndarray:
    """Scores (clips, classes) of the sounds one by one, without a server."""
    infer_one = tf.saved_model.load(str(model)).signatures["serving_default"]
    scores = np.concatenate([infer_one(wav_bytes=tf.constant([clip]))["scores"] for clip in clips])
    apart = np.abs(scores[:, None] - scores).max(axis=2)
    assert apart[~np.eye(len(clips), dtype=bool)].min() > 1e-3  # else a wrong answer would not show
    return scores


class Server:
    """A server program on a free port, up once `ready` below its address answers."""

    def __init__(self, program: str, model: Path, log: Path, ready: str):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.log, self.address = log, f"http://127.0.0.1:{port}"
        command = [PYTHON, str(HERE / program), f"--model={model}", f"--port={port}"]
        with log.open("w") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, cwd=log.parent)
        until = time.monotonic() + STARTUP_SECONDS
        while not self._answers(ready):
            assert self.process.poll() is None and time.monotonic() < until, log.read_text()
            time.sleep(0.2)

    def _answers(self, path: str) -> bool:
        try:
            return urllib.request.urlopen(self.address + path, timeout=10).status == 200
        except (urllib.error.URLError, ConnectionError):
            return False

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        finally:
            self.process.kill()


@pytest.fixture(scope="module")
def kserve(model, tmp_path_factory):
    server = Server("kserve_server.py", model, tmp_path_factory.mktemp("kserve") / "log", "/v1/models/tagger")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def triton(model, tmp_path_factory):
    server = Server("triton_server.py", model, tmp_path_factory.mktemp("triton") / "log", "/v2/models/tagger/ready")
    yield server
    server.stop()


@pytest.fixture
def predict_url(kserve) -> str:
    return f"{kserve.address}/v1/models/tagger:predict"


@pytest.fixture
def infer_url(triton) -> str:
    return f"{triton.address}/v2/models/tagger/infer"


def test_nothing_of_this_package_is_where_the_servers_run(tmp_path):
    absent = ["fat_tf", "keras", "tensorflow_io"]
    code = f"import importlib.util; print([m for m in {absent} if importlib.util.find_spec(m)])"
    done = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("name", ["kserve", "triton"])
def test_the_servers_listen_on_loopback_alone(request, name):
    port = int(request.getfixturevalue(name).address.rpartition(":")[2])
    rows = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()]
    listening = [address for _, address, _, state, *_ in rows if state == "0A" and address.endswith(f":{port:04X}")]
    assert listening == [f"0100007F:{port:04X}"]


def test_kserve_tags_one_sound(predict_url, clips, expected, model):
    status, answer = predict(predict_url, {"instances": [in_base64(clips[0])]})
    (tags,) = answer["predictions"]
    labels = json.loads((model / "model.json").read_text())["labels"]
    best = np.argsort(-expected[0])[: len(tags["labels"])]
    assert status == 200 and tags["error"] == ""
    assert tags["scores"] == pytest.approx(expected[0], abs=1e-5)
    assert tags["labels"] == [labels[i] for i in best]
    assert tags["top_scores"] == pytest.approx(expected[0][best], abs=1e-5)
    assert np.isfinite(tags["embedding"]).all() and len(tags["embedding"]) > 0


@pytest.mark.parametrize("by_name", [False, True])
def test_kserve_tags_a_batch(predict_url, clips, expected, by_name):
    rows = [{"wav_bytes": in_base64(clip)} if by_name else in_base64(clip) for clip in clips]
    _, answer = predict(predict_url, {"instances": rows})
    scores = [tags["scores"] for tags in answer["predictions"]]
    np.testing.assert_allclose(scores, expected, atol=1e-5)


def test_kserve_takes_columns(predict_url, clips, expected):
    _, answer = predict(predict_url, {"inputs": {"wav_bytes": [in_base64(clip) for clip in clips[:3]]}})
    np.testing.assert_allclose(answer["outputs"]["scores"], expected[:3], atol=1e-5)
    assert answer["outputs"]["error"] == ["", "", ""]


@pytest.fixture(scope="module")
def waveforms(model, clips, tmp_path_factory) -> tuple[np.ndarray, np.ndarray]:
    """Two sounds of different lengths at the model's rate in one array, and how long they are."""
    file = tmp_path_factory.mktemp("waveforms") / "clip.wav"
    sounds = []
    for clip in clips[:2]:
        file.write_bytes(clip)
        samples, rate = sf.read(file, dtype="float32", always_2d=True)
        assert rate == json.loads((model / "model.json").read_text())["sample_rate"]
        sounds.append(samples.mean(axis=1))
    sounds[1] = sounds[1][: len(sounds[0]) // 2]
    longest = max(map(len, sounds))
    padded = np.stack([np.pad(sound, (0, longest - len(sound)), constant_values=0.5) for sound in sounds])
    return padded, np.array([len(sound) for sound in sounds], np.int32)


@pytest.mark.parametrize("by_rows", [False, True])
def test_kserve_takes_waveforms(predict_url, model, waveforms, by_rows):
    samples, lengths = waveforms
    signature = tf.saved_model.load(str(model)).signatures["waveform"]
    direct = signature(waveform=tf.constant(samples), lengths=tf.constant(lengths))
    assert not direct["error"].numpy().astype(bool).any()
    inputs = {"waveform": samples.tolist(), "lengths": lengths.tolist()}
    rows = [dict(zip(inputs, row, strict=True)) for row in zip(*inputs.values(), strict=True)]
    request = {"signature_name": "waveform"} | ({"instances": rows} if by_rows else {"inputs": inputs})
    status, answer = predict(predict_url, request)
    assert status == 200, answer
    scores = [tags["scores"] for tags in answer["predictions"]] if by_rows else answer["outputs"]["scores"]
    np.testing.assert_allclose(scores, direct["scores"], atol=1e-5)


def test_kserve_a_bad_sound_leaves_the_good_one_alone(predict_url, clips, expected):
    rows = [in_base64(content) for content in (clips[0], b"no sound at all", clips[1], b"")]
    status, answer = predict(predict_url, {"instances": rows})
    first, text, third, empty = answer["predictions"]
    assert status == 200
    assert (first["error"], third["error"]) == ("", "")
    np.testing.assert_allclose([first["scores"], third["scores"]], expected[:2], atol=1e-5)
    for bad in (text, empty):
        assert bad["error"] and not any(bad["scores"]) and not any(bad["labels"])


def test_kserve_gives_a_waveform_beyond_its_array_an_error_of_its_own(predict_url):
    inputs = {"waveform": [[0.1] * 4000, [0.1] * 4000], "lengths": [4000, 4001]}
    status, answer = predict(predict_url, {"signature_name": "waveform", "inputs": inputs})
    assert status == 200
    assert [bool(text) for text in answer["outputs"]["error"]] == [False, True]


@pytest.mark.parametrize("request_", [
    {"instances": [{"b64": "?"}]},
    {"instances": []},
    {"instances": [{"sound": {"b64": ""}}]},
    {"instances": "a text"},
    {"instances": [None]},
    {"inputs": {"sound": []}},
    {"signature_name": "unknown", "instances": [{"b64": ""}]},
    {"signature_name": "waveform", "inputs": {"waveform": [[0.1, 0.2], [0.1]], "lengths": [2, 1]}},
    {"signature_name": "waveform", "inputs": {"waveform": [["loud"]], "lengths": [1]}},
    {"signature_name": "waveform", "inputs": {"waveform": [[0.1, 0.2]], "lengths": [2, 2]}},
    {},
    [],
], ids=str)  # fmt: skip
def test_kserve_refuses_a_bad_request_with_a_reason(predict_url, request_):
    status, answer = predict(predict_url, request_)
    assert status == 400 and answer["error"]


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])  # curl -d's
def test_kserve_reads_json_of_any_content_type(predict_url, clips, expected, content_type):
    body = json.dumps({"instances": [in_base64(clips[0])]}).encode()
    status, answer = post(predict_url, body, {"Content-Type": content_type})
    assert status == 200 and answer["predictions"][0]["scores"] == pytest.approx(expected[0], abs=1e-5)
    status, answer = post(predict_url, b"RIFF", {"Content-Type": content_type})
    assert status == 400 and answer["error"]


def test_unknown_models_are_not_found(kserve, triton, clips):
    assert predict(f"{kserve.address}/v1/models/other:predict", {"instances": [in_base64(clips[0])]})[0] == 404
    assert infer(f"{triton.address}/v2/models/other/infer", clips[:1])[0] == 404


@pytest.mark.parametrize("url", ["predict_url", "infer_url"])
def test_each_client_gets_its_own_answer(request, url, clips, expected):
    url = request.getfixturevalue(url)
    order = [number for _ in range(5) for number in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(lambda number: tag(url, clips[number]), order))
    np.testing.assert_allclose([scores for scores, _ in answers], expected[order], atol=1e-5)
    assert {error for _, error in answers} == {""}


def test_triton_tags_a_batch_with_a_bad_sound_in_it(infer_url, clips, expected):
    status, answer = infer(infer_url, [clips[0], b"no sound at all", b"\0\xff", clips[1]])
    outputs = {output["name"]: np.reshape(output["data"], output["shape"]) for output in answer["outputs"]}
    assert status == 200
    assert [bool(text) for text in outputs["error"][:, 0]] == [False, True, True, False]
    np.testing.assert_allclose(outputs["scores"][[0, 3]], expected[:2], atol=1e-5)
    assert not outputs["scores"][1:3].any()


def test_triton_a_client_with_a_bad_sound_does_not_disturb_the_others(infer_url, clips, expected):
    sent = [clips[number] if number % 2 else b"no sound at all" for number in range(CLIENTS)] * 5
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(lambda clip: tag(infer_url, clip), sent))
    scores, errors = np.array([scores for scores, _ in answers]), [error for _, error in answers]
    np.testing.assert_allclose(scores[1::2], np.tile(expected[1::2], (5, 1)), atol=1e-5)
    assert not any(errors[1::2]) and all(errors[::2]) and not scores[::2].any()


@pytest.mark.parametrize("name", ["wav_bytes", "sound"])
def test_triton_refuses_a_bad_request_with_a_reason(infer_url, clips, name):
    status, answer = infer(infer_url, [] if name == "wav_bytes" else clips[:1], name)
    assert status == 400 and answer["error"]


@pytest.mark.parametrize("url, server", [("predict_url", "kserve"), ("infer_url", "triton")])
def test_load_tells_requests_errors_and_memory(request, url, server, synthetic, tmp_path):
    url, process = request.getfixturevalue(url), request.getfixturevalue(server).process
    files = [str(file) for file in sorted((synthetic / "test").iterdir())[:2]]
    command = [sys.executable, str(HERE / "load.py"), url, f"--pid={process.pid}", "--requests=40", *files]
    good = subprocess.run(command, capture_output=True, text=True)
    assert good.returncode == 0, good.stderr
    rows = [line.split() for line in good.stdout.splitlines()[1:]]
    assert [int(row[0]) for row in rows[1:]] == list(range(4, 41, 4))
    assert {row[-2] for row in rows} == {"0"} and all(float(row[-1]) > 100 for row in rows)
    (tmp_path / "text.wav").write_text("no sound at all")
    bad = subprocess.run([*command, str(tmp_path / "text.wav")], capture_output=True, text=True)
    assert bad.returncode == 1 and bad.stderr.strip()


@pytest.mark.parametrize("program, ready", [
    ("kserve_server.py", "/v1/models/tagger"),
    ("triton_server.py", "/v2/models/tagger/ready"),
])  # fmt: skip
def test_a_server_ends_when_asked_to(model, tmp_path, program, ready):
    server = Server(program, model, tmp_path / "log", ready)
    assert server.stop() == 0, server.log.read_text()
    assert "Traceback" not in server.log.read_text()


def test_warmup_requests_run_as_tensorflow_serving_runs_them(model):
    done = subprocess.run([PYTHON, str(HERE / "check_warmup.py"), str(model)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{name} ['']" for name in ("serving_default", "waveform", "log_mel")]
