"""What a run says to do next works as it is printed."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fake_runs import TINY_GIN, make_scored_run

from fat_tf.commands.next_steps import next_steps, next_steps_of_ensemble
from fat_tf.runs.score_table import ScoreTable

ROOT = Path(__file__).parents[2]
WINDOW = "--gin_param=FrontEnd.window_seconds=1.0"
SMALL = [f"--gin_file={TINY_GIN}", "--gin_param=WIDTH=2", "--gin_param=EPOCHS=1", WINDOW, "--folds=0"]


def test_commands_name_the_run_and_an_unheard_sound_in_quotes(monkeypatch, tmp_path):
    run, data = tmp_path / "my run", tmp_path / "my sounds"
    data.mkdir()
    for name in ("a.wav", "t.wav"):
        (data / name).touch()
    scores = {"oof_scores.csv": ScoreTable("", ("a.wav",), ("Bark", "Rain"), np.array([[0.5, 0.5]]))}
    make_scored_run(run, {"curated": {"a.wav": "Bark"}, "test": {"t.wav": "Rain"}}, scores, str(data))
    monkeypatch.setattr(sys, "argv", ["tools/train.py"])
    said = next_steps(str(run)).splitlines()
    assert said[:2] == ["", "Next:"] and all("tools/" in line or "tensorboard" in line for line in said[2:])
    predict = next(line for line in said if "predict" in line)
    assert predict.endswith(f"tools/predict.py '--run_dir={run}' '{data / 't.wav'}'")
    assert next_steps_of_ensemble("runs/my e").endswith("tools/runs.py 'runs/my e'")


def serves(command: str) -> bool:
    """Whether a program that is called so says where it listens."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    with subprocess.Popen(["bash", "-c", f"exec {command}"], cwd=ROOT, env=environment, **pipes) as running:
        try:
            return any("http://" in line for line in running.stdout)
        finally:
            running.terminate()


@pytest.mark.slow
def test_each_command_works_as_it_is_printed(call, tmp_path, synthetic, cache_dir, monkeypatch):
    run = tmp_path / "it's my" / "run"
    monkeypatch.setattr(sys, "argv", ["tools/train.py"])
    done = call("train", *SMALL, f"--data_dir={synthetic}", f"--cache_dir={cache_dir}", f"--run_dir={run}", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    commands = [line[line.index("  ", 4) :].strip() for line in done.stdout.split("Next:\n")[1].splitlines()]
    assert len(commands) >= 5
    for command in commands:
        if "tensorboard" in command:
            assert serves(command), command
            continue
        _, script, *flags = shlex.split(command)  # as a shell does
        assert (ROOT / script).is_file()
        done = call(Path(script).stem, *flags, cwd=ROOT)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
    assert (run / "tagger" / "1").is_dir()
