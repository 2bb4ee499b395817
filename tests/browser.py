"""Chromium without a screen, what it complains of, and axe-core, which finds what shuts people out of a page."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

BROWSER, DRIVER = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
FLAGS = (
    *("headless", "no-sandbox", "disable-gpu", "window-size=1280,1100", "hide-scrollbars"),
    *("no-first-run", "disable-background-networking", "disable-component-update", "disable-sync", "disable-quic"),
    *("use-fake-device-for-media-stream", "use-fake-ui-for-media-stream", "autoplay-policy=no-user-gesture-required"),
)
PATIENCE, MICROPHONE = 60, 0.1  # seconds; level of the noise that the microphone hears
AXE = "axe-core@4"  # of npm
PHONE, DESKTOP = (390, 844), (1280, 900)  # pixels


@pytest.fixture
def browser(tmp_path):
    """A browser whose microphone hears steady noise, and whose downloads go to tmp_path / "downloads"."""
    pytest.importorskip("selenium", reason="needs selenium")
    if not BROWSER or not DRIVER:
        pytest.skip("needs chromium and chromedriver")
    noise = tmp_path / "noise.wav"
    sf.write(noise, MICROPHONE * np.random.default_rng(0).standard_normal(4 * 44100), 44100)
    with chromium(tmp_path, f"use-file-for-fake-audio-capture={noise}") as opened:
        yield opened


@contextmanager
def chromium(folder: Path, *flags: str) -> Iterator:
    """Chromium that keeps its profile and downloads in a folder."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in (*FLAGS, *flags, f"user-data-dir={folder / 'profile'}"):
        options.add_argument(f"--{flag}")
    options.add_experimental_option("prefs", {"download.default_directory": str(folder / "downloads")})
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    with webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER)) as opened:
        opened.implicitly_wait(PATIENCE)
        yield opened


@contextmanager
def tensorboard(folder: Path) -> Iterator[str]:
    """The address of a TensorBoard of the runs in a folder."""
    command = [sys.executable, "-m", "tensorboard.main", f"--logdir={folder.name}", "--port=0", "--host=127.0.0.1"]
    place = {"cwd": folder.parent}  # TensorBoard shows what it was given: a name, not a path of this machine
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **place) as process:
        line = next(line for line in process.stderr if "http://" in line)
        threading.Thread(target=process.stderr.read, daemon=True).start()  # a full pipe would stop it
        try:
            yield line[line.index("http://") :].split()[0]
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def axe(tmp_path_factory) -> str:
    """The script of axe-core, from npm, or from the file that FAT_TF_AXE names."""
    if not (file := os.environ.get("FAT_TF_AXE")):
        folder = tmp_path_factory.mktemp("axe")
        command = ["npm", "install", "--silent", "--prefix", str(folder), AXE]
        if not shutil.which("npm") or subprocess.run(command, capture_output=True, timeout=120).returncode:
            pytest.skip(f"needs npm and {AXE}, or FAT_TF_AXE with the place of its axe.min.js")
        file = folder / "node_modules/axe-core/axe.min.js"
    return Path(file).read_text("utf-8")


def shown(browser, selector: str):
    """The element, as soon as it is there."""
    return browser.find_element("css selector", selector)


def visited(browser) -> set[str]:
    """Hosts that the pages asked for anything; Chromium's own pages do not count."""
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    return {match[1] for url in urls if (match := re.match(r"(?:https?|wss?)://([^/:]+)", url))}


def complaints(browser) -> list[str]:
    """What the console says of errors and warnings."""
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]


def serious_faults(browser, axe: str) -> list[str]:
    """Faults of the page that axe-core calls serious or critical, each with its first element."""
    browser.execute_script(axe)
    found = browser.execute_async_script("axe.run().then(arguments[0])")["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] in ("serious", "critical")]


@contextmanager
def looked_at(browser, size: tuple[int, int] = DESKTOP, scheme: str = "light", media: str = "screen") -> Iterator[None]:
    """The page at a size in pixels, in a colour scheme, on a screen or in print."""
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
    yield
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def picture(browser, height: int, top: int = 0) -> bytes:
    """A PNG of `height` pixels of the page, from `top` down."""
    width = browser.execute_script("return document.documentElement.clientWidth")
    clip = {"x": 0, "y": top, "width": width, "height": height, "scale": 1}
    wanted = {"format": "png", "captureBeyondViewport": True, "clip": clip}
    shot = browser.execute_cdp_cmd("Page.captureScreenshot", wanted)
    return base64.b64decode(shot["data"])


def is_wider_than_its_window(browser) -> bool:
    """Whether the page scrolls sideways."""
    return browser.execute_script("const d = document.documentElement; return d.scrollWidth > d.clientWidth")
