"""A sweep that is interrupted goes on, and a trial that fails costs no other."""

import signal
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from watched import is_there, start, tiny_command, wait_for, worker

SWEEP = ["EPOCHS=3", "Sweep.first_epochs=1", "Sweep.factor=2.0"]
SPACE = "{'WarmupCosine.start': ('choice', [5e-5, 1e-4, 1e30])}"  # with the last one nothing stays finite


def begun_in(folder: Path) -> list[int]:
    """Processes of the trials."""
    return [worker(log) for log in folder.glob("logs/trial_*.log") if "process" in log.read_text()]


@pytest.mark.slow
@pytest.mark.skipif(
    not (find_spec("ray") and find_spec("pyarrow")), reason="needs Ray Tune: pip install -e '.[cluster]'"
)
def test_an_interrupted_sweep_goes_on_to_its_end(tmp_path, synthetic, cache_dir):
    folder = tmp_path / "sweep"
    params = [f"--gin_param={param}" for param in (*SWEEP, f"Sweep.space={SPACE}")]
    command = [*tiny_command("sweep", tmp_path, synthetic, cache_dir), *params]
    driver = start(command, folder)
    wait_for(driver, lambda: begun_in(folder))
    begun = begun_in(folder)
    driver.send_signal(signal.SIGINT)
    assert driver.wait(60) == 130
    said = (tmp_path / "sweep.out").read_text()
    assert said.endswith("trials that are done are passed over.\n") and "Traceback" not in said
    driver = start(command, folder)
    wait_for(driver, lambda: not any(map(is_there, begun)))
    assert driver.wait(300) == 2
    said = (tmp_path / "sweep.out").read_text().splitlines()[-1]
    found = pd.read_csv(folder / "sweep.csv")
    [failed] = {f"trial_00{number}" for number in range(3)} - set(found["trial"])
    assert said.startswith(f"Error: {failed}: ") and "not finite" in said and "the other 2 are done" in said
    assert len(found) == 2 and set(found["state"]) <= {"finished", "stopped early"}
    assert (found["epochs"] == 3).tolist() == (found["state"] == "finished").tolist()
    assert found["val_lwlrap"].is_monotonic_decreasing and found["lwlrap"].notna().any()
    assert (folder / "best.gin").exists() and not (folder / ".tune").exists()
