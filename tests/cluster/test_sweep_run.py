"""A sweep that is interrupted goes on, and its trials are runs like any other."""

import signal
from importlib.util import find_spec

import pandas as pd
import pytest
from watched import ONE_THREAD, epochs, is_there, start, tiny_command, wait_for, worker

SWEEP = ["EPOCHS=3", "Sweep.trials=4", "Sweep.first_epochs=1", "Sweep.factor=2.0"]
SPACE = "{'WarmupCosine.peak': ('loguniform', 1e-4, 1e-2), 'WIDTH': ('choice', [2, 3])}"


@pytest.mark.slow
@pytest.mark.skipif(
    not (find_spec("ray") and find_spec("pyarrow")), reason="needs Ray Tune: pip install -e '.[cluster]'"
)
def test_an_interrupted_sweep_goes_on_and_its_best_trial_is_a_plain_run(tmp_path, synthetic, cache_dir):
    folder, alone = tmp_path / "sweep", tmp_path / "alone"
    params = [f"--gin_param={param}" for param in (*SWEEP, f"Sweep.space={SPACE}")]
    command = [*tiny_command("sweep", tmp_path, synthetic, cache_dir), *params]
    driver = start(command, folder)
    wait_for(driver, lambda: epochs(folder / "trial_000", 0) >= 1)
    first = worker(folder / "logs" / "trial_000.log")
    driver.send_signal(signal.SIGINT)
    assert driver.wait(60) == 130
    said = (tmp_path / "sweep.out").read_text()
    assert said.endswith("trials that are done are passed over.\n") and "Traceback" not in said
    driver = start(command, folder)
    wait_for(driver, lambda: not is_there(first))
    assert driver.wait(300) == 0, (tmp_path / "sweep.out").read_text()
    found = pd.read_csv(folder / "sweep.csv")
    assert len(found) == 4 and set(found["state"]) == {"finished", "stopped early"}
    assert (found["epochs"] == 3).tolist() == (found["state"] == "finished").tolist()
    assert found["val_lwlrap"].is_monotonic_decreasing and found["lwlrap"].notna().sum() < 4
    best = found["trial"][0]
    again = [*tiny_command("train", tmp_path, synthetic, cache_dir), "--gin_file=sweep.gin", "--gin_param=EPOCHS=3"]
    plain = start([*again, f"--gin_file={folder / 'best.gin'}", "--folds=0"], alone, **ONE_THREAD)
    assert plain.wait(200) == 0, (tmp_path / "alone.out").read_text()
    assert (alone / "oof_scores.csv").read_bytes() == (folder / best / "oof_scores.csv").read_bytes()
