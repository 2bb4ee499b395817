"""Commands on a tiny model, in processes that tests watch and kill."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
GIN = f"""
import tiny_model
include '{ROOT / "tests" / "training" / "tiny.gin"}'

WIDTH = 2
EPOCHS = 12
BATCH_SIZE = 8
FrontEnd.window_seconds = 1.0
Recipe.precision = 'float32'
Board.share = 0.0
"""
ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "LOKY_MAX_CPU_COUNT": "1"}


def tiny_command(tool: str, folder: Path, data_dir: Path, cache_dir: Path) -> list[str]:
    """A tool on a tiny model, whose configuration is written into a folder."""
    (folder / "tiny.gin").write_text(GIN)
    (folder / "tiny_model.py").write_text((ROOT / "tests" / "tiny_model.py").read_text())
    program = [sys.executable, str(ROOT / "tools" / f"{tool}.py"), f"--gin_file={folder / 'tiny.gin'}"]
    return [*program, f"--data_dir={data_dir}", f"--cache_dir={cache_dir}"]


def start(command: list[str], run: Path, *flags: str, **environment: str) -> subprocess.Popen:
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = os.environ | environment | {"PYTHONPATH": paths}
    with open(run.with_suffix(".out"), "a", encoding="utf-8") as out:
        what = [*command, f"--run_dir={run}", *flags]
        return subprocess.Popen(what, stdout=out, stderr=out, env=environment, preexec_fn=_heeds_interrupts)


def _heeds_interrupts() -> None:
    """Also where the tests were started in the background of a shell, which has its programs ignore them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def epochs(run: Path, fold: int) -> int:
    history = run / f"fold_{fold}" / "history.csv"
    return len(history.read_text().splitlines()) - 1 if history.exists() else 0


def wait_for(process: subprocess.Popen, is_true) -> None:
    until = time.monotonic() + 200
    while not is_true():
        assert process.poll() is None and time.monotonic() < until, f"{process.args} ended, or hangs: see its output"
        time.sleep(0.02)


def worker(log: Path) -> int:
    """The last process that wrote this log."""
    return int(re.findall(r": process (\d+) on ", log.read_text())[-1])


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for_file(file: Path) -> None:
    until = time.monotonic() + 200
    while not file.exists():
        assert time.monotonic() < until
        time.sleep(0.1)
