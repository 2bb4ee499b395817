"""What tests share: small data sets, and a gin that forgets."""

import fat_tf  # noqa: F401, I001 (before TensorFlow, as in the tools)

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import gin
import numpy as np
import pytest
import soundfile as sf
import tensorflow as tf
from browser import axe, browser  # noqa: F401 (fixtures)
from fake_runs import both, exported, runs  # noqa: F401 (fixtures)
from filelock import FileLock
from hypothesis import settings
from tiny_model import tiny  # noqa: F401 (registers itself)
from tiny_runs import done, run_tiny  # noqa: F401 (fixtures)

from fat_tf import commands
from fat_tf.data import make_synthetic

settings.register_profile("any machine", deadline=None)  # a busy one, too
settings.load_profile("any machine")

RATE = 44100
TOOLS = Path(__file__).parent.parent / "tools"

# Two devices for tests of replicas; only possible before TensorFlow does anything.
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)

LONGEST = [  # files by their time; begun first, they leave no process alone with one at the end
    "test_ensemble_members",
    *("test_quickstart", "test_kill", "test_shipped", "test_serving", "test_run", "test_exported_model"),
    *("test_predictor", "test_tagger", "test_stages", "test_next_steps", "test_names", "test_surroundings"),
    *("test_tensorboard_page", "test_board", "test_cache", "test_extending", "test_circle", "test_noisy_selection"),
]


def pytest_collection_modifyitems(items):
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


@pytest.fixture(autouse=True)
def _forget_gin():
    yield
    gin.clear_config()


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Makes a folder once for the processes of pytest-xdist: its name, what fills it. It is not to be changed."""
    root = tmp_path_factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root

    def folder_of(name: str, fill: Callable[[Path], object]) -> Path:
        folder, made = root / name, root / f"{name}.made"
        with FileLock(root / f"{name}.lock"):
            if not made.exists():
                fill(folder)
                made.touch()
        return folder

    return folder_of


@pytest.fixture(scope="session")
def synthetic(shared) -> Path:
    """A small built-in set; not to be changed."""
    return shared("synthetic", lambda folder: make_synthetic(folder, curated=40, noisy=20, test=16))


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory) -> Path:
    """One feature cache for all tests that train."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def write_clips(tmp_path):
    """Writes a folder with `sounds.csv` (the given text) and a WAV for each name; returns the folder."""

    def write(
        table: str, names=("a.wav", "b.wav", "c.wav", "d.wav"), seconds: float = 0.2, volume: float = 0.1
    ) -> Path:
        folder = tmp_path / "clips"
        (folder / "audio").mkdir(parents=True, exist_ok=True)
        (folder / "sounds.csv").write_text(table)
        for seed, name in enumerate(names):
            wave = volume * np.random.default_rng(seed).standard_normal(int(seconds * RATE))
            sf.write(folder / "audio" / name, wave, RATE, subtype="PCM_16", format="WAV")
        return folder

    return write


@pytest.fixture
def tool() -> Callable[..., subprocess.CompletedProcess]:
    """Runs a tool as a program: its name, its arguments; `cwd`; further keywords are environment variables."""

    def run(name: str, *arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess:
        command = [sys.executable, str(TOOLS / f"{name}.py"), *arguments]
        paths = filter(
            None, (environment.get("PYTHONPATH"), str(TOOLS.parent))
        )  # this checkout, wherever one is installed
        environment = os.environ | environment | {"PYTHONPATH": os.pathsep.join(paths)}
        return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, timeout=300)

    return run


@pytest.fixture
def call(capfd, monkeypatch) -> Callable[..., SimpleNamespace]:
    """Runs a command in this process: its name, its flags; `cwd`. Gives what `tool` gives, without its start-up."""

    def run(name: str, *arguments: str, cwd: Path | None = None) -> SimpleNamespace:
        if cwd:
            monkeypatch.chdir(cwd)
        capfd.readouterr()
        status = commands.main([name, *map(str, arguments)])
        said = capfd.readouterr()
        return SimpleNamespace(returncode=status, stdout=said.out, stderr=said.err)

    return run
