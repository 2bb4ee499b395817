"""tools/demo.py: its flags, and its page in a real browser."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from browser import MICROPHONE, shown, visited

from fat_tf import Tagger
from fat_tf.errors import UserError

TOOL = Path(__file__).parents[2] / "tools" / "demo.py"
PATIENCE = 60  # seconds


@pytest.mark.parametrize("arguments, message", [
    ([], "one of the arguments --model --run_dir is required"),
    (["--model=a", "--run_dir=b"], "not allowed with argument"),
])  # fmt: skip
def test_a_model_or_a_run(call, arguments, message):
    done = call("demo", *arguments)
    assert done.returncode == 2 and message in done.stderr


def test_without_gradio_it_says_what_to_install(call, monkeypatch):
    monkeypatch.delitem(sys.modules, "fat_tf.demo.page", raising=False)
    monkeypatch.setitem(sys.modules, "gradio", None)
    done = call("demo", "--model=a")
    assert done.returncode == 2 and done.stderr.startswith("Error: The page needs gradio: pip install")


def test_no_model_is_one_line(call):
    pytest.importorskip("gradio", reason="needs the extra `demo`")
    done = call("demo", "--model=nowhere")
    assert done.returncode == 2 and done.stderr.startswith("Error: nowhere holds no exported model")


@pytest.mark.parametrize("host, port", [("127.0.0.1", 99999), ("192.0.2.1", 0)])
def test_an_address_that_is_none_of_ours(tagger, host, port):
    pytest.importorskip("gradio", reason="needs the extra `demo`")
    from fat_tf.demo.page import make_page, serve
    from fat_tf.demo.tags_over_time import TagTrack

    with pytest.raises(UserError, match=f"^{host}:{port} cannot be listened on: .*Choose another --host or --port$"):
        serve(make_page(tagger, "model", 120, TagTrack()), host, port)


def _hear_interrupts() -> None:
    """A shell's background jobs, such as the tests may be, ignore Ctrl-C, and so do their children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def page(exported, tmp_path):
    """The address of a running tools/demo.py, which ends, and forgets the sounds, after the test."""
    pytest.importorskip("gradio", reason="needs the extra `demo`")
    command = [sys.executable, str(TOOL), f"--model={exported}", "--port=0", "--max_seconds=20"]
    place = os.environ | {"GRADIO_TEMP_DIR": str(tmp_path / "kept")}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes, env=place, preexec_fn=_hear_interrupts) as process:
        yield process.stdout.readline().split()[0]
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=PATIENCE)
    assert complaints.endswith("Interrupted.\n") and "Traceback" not in complaints
    assert not list((tmp_path / "kept").rglob("*.wav"))


@pytest.fixture
def clip(synthetic) -> str:
    return str(sorted((synthetic / "test").iterdir())[0])


def drop(browser, file: str | Path) -> None:
    shown(browser, "input[type=file]").send_keys(str(file))


@pytest.mark.slow
def test_sounds_are_tagged_and_what_is_none_is_said(page, browser, exported, clip, tmp_path):
    browser.get(page)
    drop(browser, clip)
    top, score = Tagger.from_saved_model(exported).tag(clip, top=1)[0]
    assert shown(browser, "[data-testid=label-output-value]").text == top
    assert shown(browser, "[data-testid$=confidence-set]").text.split()[-1] == f"{score:.0%}"
    assert "over time" in shown(browser, "picture img").get_attribute("alt")
    assert browser.execute_script("return document.querySelector('picture img').naturalWidth") > 1000

    shown(browser, "[aria-label=Clear]").click()
    shown(browser, "body:not(:has(picture))")
    (tmp_path / "text.wav").write_text("no sound")
    drop(browser, tmp_path / "text.wav")
    assert shown(browser, "#trouble").text.startswith("text.wav cannot be read: not a readable sound file")

    shown(browser, "[aria-label=Clear]").click()
    with open(tmp_path / "huge.wav", "wb") as file:
        file.truncate(101 << 20)
    drop(browser, tmp_path / "huge.wav")
    assert "exceed the maximum allowed size of 100.0 Mb" in shown(browser, ".toast-body").get_attribute("textContent")
    assert visited(browser) == {"127.0.0.1"}


@pytest.mark.slow
def test_a_recording_is_tagged_and_no_noise_taken_out_of_it(page, browser, tmp_path):
    browser.get(page)
    shown(browser, "[aria-label='Record audio']").click()
    shown(browser, ".record-button").click()
    stop = shown(browser, ".stop-button")
    browser.execute_async_script("setTimeout(arguments[0], 3000)")
    stop.click()
    assert re.match(r"Log-mel of [23]\.\d s", shown(browser, "picture img").get_attribute("alt"))
    (recorded,) = (tmp_path / "kept").rglob("*.wav")
    np.testing.assert_allclose(np.std(sf.read(recorded)[0]), MICROPHONE, rtol=0.2)
