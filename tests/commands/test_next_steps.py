"""What a run says to do next works as it is printed."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fake_runs import make_scored_run

from fat_tf.commands.next_steps import next_steps, next_steps_of_ensemble
from fat_tf.runs.score_table import ScoreTable

ROOT = Path(__file__).parents[2]
SMALL = ["--gin_file=m0.gin", "--gin_param=WIDTH=2", "--gin_param=EPOCHS=1", "--folds=0"]


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


def start(command: str) -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    return subprocess.Popen(["bash", "-c", f"exec {command}"], cwd=ROOT, env=environment, **pipes)


@pytest.mark.slow
def test_each_command_works_as_it_is_printed(tmp_path, synthetic, cache_dir, tool):
    run = tmp_path / "it's my" / "run"
    done = tool("train", *SMALL, f"--data_dir={synthetic}", f"--cache_dir={cache_dir}", f"--run_dir={run}", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    commands = [line[line.index("  ", 4) :].strip() for line in done.stdout.split("Next:\n")[1].splitlines()]
    assert len(commands) >= 5
    for command in commands:
        running = start(command)
        if "tensorboard" in command:
            assert any("http://" in line for line in running.stdout), command
            running.terminate()
        said, _ = running.communicate(timeout=300)
        assert running.returncode == 0 or "tensorboard" in command, f"{command}\n{said}"
    assert (run / "tagger" / "1").is_dir()
