"""A run of which the program and a worker are killed ends as one that was trained in one process."""

import os
import re
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parent.parent.parent
GIN = f"""
import tiny_model
include '{ROOT / "tests" / "training" / "tiny.gin"}'

WIDTH = 2
EPOCHS = 20
BATCH_SIZE = 8
FrontEnd.window_seconds = 1.0
Recipe.precision = 'float32'
Board.share = 0.0
"""
ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "LOKY_MAX_CPU_COUNT": "1"}
TIMES = ["seconds", "clips_per_second"]


@pytest.fixture
def command(tmp_path, synthetic, cache_dir) -> list[str]:
    (tmp_path / "tiny.gin").write_text(GIN)
    (tmp_path / "tiny_model.py").write_text((ROOT / "tests" / "tiny_model.py").read_text())
    tool = [sys.executable, str(ROOT / "tools" / "train.py"), f"--gin_file={tmp_path / 'tiny.gin'}"]
    return [*tool, f"--data_dir={synthetic}", f"--cache_dir={cache_dir}", "--folds=0,1"]


def start(command: list[str], run: Path, *flags: str, **environment: str) -> subprocess.Popen:
    environment = os.environ | environment | {"PYTHONPATH": str(ROOT)}
    with open(run.with_suffix(".out"), "a", encoding="utf-8") as out:
        return subprocess.Popen([*command, f"--run_dir={run}", *flags], stdout=out, stderr=out, env=environment)


def epochs(run: Path, fold: int) -> int:
    history = run / f"fold_{fold}" / "history.csv"
    return len(history.read_text().splitlines()) - 1 if history.exists() else 0


def wait_for(process: subprocess.Popen, is_true) -> None:
    until = time.monotonic() + 200
    while not is_true():
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.02)


def worker(run: Path, fold: int) -> int:
    return int(re.findall(r"process (\d+)", (run / "logs" / f"fold_{fold}.log").read_text())[-1])


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.skipif(find_spec("ray") is None, reason="needs Ray: pip install -e '.[cluster]'")
def test_a_killed_program_and_a_killed_worker_change_nothing(command, tmp_path):
    alone, run = tmp_path / "alone", tmp_path / "run"
    driver = start(command, run, "--executor=ray")
    wait_for(driver, lambda: min(epochs(run, 0), epochs(run, 1)) >= 2)
    workers = [worker(run, 0), worker(run, 1)]
    driver.kill()
    driver.wait()
    wait_for(start(command, alone, **ONE_THREAD), lambda: not any(map(is_there, workers)))  # they end with it
    before = epochs(run, 1)
    assert before < 20
    driver = start(command, run, "--executor=ray")
    wait_for(driver, lambda: epochs(run, 1) > before)
    os.kill(worker(run, 1), signal.SIGKILL)
    assert driver.wait(200) == 0, (tmp_path / "run.out").read_text()
    assert (run / "logs" / "fold_1.log").read_text().count("Going on with fold 1, stage fit, epoch ") == 2
    wait_for_file(alone / "metrics.json")
    for name in ("oof_scores.csv", "test_scores.csv", "folds.csv", "fold_0/scores.npz", "fold_1/scores.npz"):
        assert (alone / name).read_bytes() == (run / name).read_bytes(), name
    for fold in (0, 1):
        same = [pd.read_csv(place / f"fold_{fold}" / "history.csv").drop(columns=TIMES) for place in (alone, run)]
        pd.testing.assert_frame_equal(*same, check_exact=True)


def wait_for_file(file: Path) -> None:
    until = time.monotonic() + 200
    while not file.exists():
        assert time.monotonic() < until
        time.sleep(0.1)
