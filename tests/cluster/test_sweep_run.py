"""A sweep that is interrupted goes on, its trials are runs like any other, and one that fails costs no other."""

import signal
from importlib.util import find_spec

import pandas as pd
import pytest
from watched import ONE_THREAD, epochs, is_there, start, tiny_command, wait_for, worker

SWEEP = ["EPOCHS=3", "Sweep.first_epochs=1", "Sweep.factor=2.0"]
SPACE = "{'WarmupCosine.start': ('choice', [5e-5, 1e-4, 2e-4, 1e30])}"  # with the last one nothing stays finite


@pytest.mark.slow
@pytest.mark.skipif(
    not (find_spec("ray") and find_spec("pyarrow")), reason="needs Ray Tune: pip install -e '.[cluster]'"
)
def test_an_interrupted_sweep_goes_on_and_its_best_trial_is_a_plain_run(tmp_path, synthetic, cache_dir):
    folder, alone = tmp_path / "sweep", tmp_path / "alone"
    params = [f"--gin_param={param}" for param in (*SWEEP, f"Sweep.space={SPACE}")]
    command = [*tiny_command("sweep", tmp_path, synthetic, cache_dir), *params]
    driver = start(command, folder)
    wait_for(driver, lambda: any(epochs(run, 0) for run in folder.glob("trial_*")))
    begun = [worker(log) for log in folder.glob("logs/trial_*.log")]
    driver.send_signal(signal.SIGINT)
    assert driver.wait(60) == 130
    said = (tmp_path / "sweep.out").read_text()
    assert said.endswith("trials that are done are passed over.\n") and "Traceback" not in said
    driver = start(command, folder)
    wait_for(driver, lambda: not any(map(is_there, begun)))
    assert driver.wait(300) == 2
    said = (tmp_path / "sweep.out").read_text().splitlines()[-1]
    found = pd.read_csv(folder / "sweep.csv")
    [failed] = {f"trial_00{number}" for number in range(4)} - set(found["trial"])
    assert said.startswith(f"Error: {failed}: ") and "not finite" in said and "the other 3 are done" in said
    assert len(found) == 3 and set(found["state"]) <= {"finished", "stopped early"}
    assert (found["epochs"] == 3).tolist() == (found["state"] == "finished").tolist()
    assert found["val_lwlrap"].is_monotonic_decreasing and found["lwlrap"].notna().any()
    assert not (folder / ".tune").exists()
    best = found["trial"][0]
    again = [*tiny_command("train", tmp_path, synthetic, cache_dir), "--gin_file=sweep.gin", "--gin_param=EPOCHS=3"]
    plain = start([*again, f"--gin_file={folder / 'best.gin'}", "--folds=0"], alone, **ONE_THREAD)
    assert plain.wait(200) == 0, (tmp_path / "alone.out").read_text()
    assert (alone / "oof_scores.csv").read_bytes() == (folder / best / "oof_scores.csv").read_bytes()
