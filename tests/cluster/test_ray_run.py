"""A run of which the program and a worker are killed ends as one that was trained in one process."""

import os
import signal
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from watched import ONE_THREAD, epochs, is_there, start, tiny_command, wait_for, wait_for_file, worker

TIMES = ["seconds", "clips_per_second"]
EPOCHS = 60  # enough that neither fold ends before it is killed


def killed(log: Path) -> bool:
    """Whether the last worker of this log could be killed: where memory is low, Ray ends some and starts others."""
    try:
        os.kill(worker(log), signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.skipif(find_spec("ray") is None, reason="needs Ray: pip install -e '.[cluster]'")
def test_a_killed_program_and_a_killed_worker_change_nothing(tmp_path, synthetic, cache_dir):
    flags = ["--folds=0,1", f"--gin_param=EPOCHS={EPOCHS}"]
    command = [*tiny_command("train", tmp_path, synthetic, cache_dir), *flags]
    alone, run = tmp_path / "alone", tmp_path / "run"
    driver = start(command, run, "--executor=ray")
    wait_for(driver, lambda: min(epochs(run, 0), epochs(run, 1)) >= 2)
    workers = [worker(run / "logs" / f"fold_{fold}.log") for fold in (0, 1)]
    driver.kill()
    driver.wait()
    wait_for(start(command, alone, **ONE_THREAD), lambda: not any(map(is_there, workers)))  # they end with it
    before = epochs(run, 1)
    assert before < EPOCHS - 5
    driver = start(command, run, "--executor=ray")
    wait_for(driver, lambda: epochs(run, 1) > before and killed(run / "logs" / "fold_1.log"))
    assert driver.wait(200) == 0, (tmp_path / "run.out").read_text()
    assert (run / "logs" / "fold_1.log").read_text().count("Going on with fold 1, stage fit, epoch ") >= 2
    wait_for_file(alone / "metrics.json")
    for name in ("oof_scores.csv", "test_scores.csv", "folds.csv", "fold_0/scores.npz", "fold_1/scores.npz"):
        assert (alone / name).read_bytes() == (run / name).read_bytes(), name
    for fold in (0, 1):
        same = [pd.read_csv(place / f"fold_{fold}" / "history.csv").drop(columns=TIMES) for place in (alone, run)]
        pd.testing.assert_frame_equal(*same, check_exact=True)
