"""A run that is killed again and again ends as one that was left alone, bit for bit."""

import random
import sys
import time
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from board_events import lasting

from fat_tf import commands

KILLS = 5
GIN = f"""
import tiny_model
include '{Path(__file__).with_name("tiny.gin")}'

WIDTH = 2
EPOCHS = 14
BATCH_SIZE = 8
FrontEnd.window_seconds = 1.0
Recipe.stages = (@fit/Stage(), @refit/Stage())
refit/Stage.repeats = 1
ReduceOnPlateau.epochs = 7
"""
PROCESSES = get_context("forkserver")  # each is a fork of one that has TensorFlow loaded, and nothing done with it
PROCESSES.set_forkserver_preload(["fat_tf.registry"])


def train(*flags: str) -> None:
    sys.exit(commands.main(["train", *flags]))


def start(run_dir: Path, data_dir: Path, cache_dir: Path) -> BaseProcess:
    gin_file = run_dir.with_name("killed.gin")
    gin_file.write_text(GIN)
    flags = [f"--run_dir={run_dir}", f"--data_dir={data_dir}", f"--cache_dir={cache_dir}", "--folds=0,1"]
    process = PROCESSES.Process(target=train, args=[f"--gin_file={gin_file}", *flags])
    process.start()
    return process


def finish(process: BaseProcess) -> None:
    process.join(600)
    assert process.exitcode == 0


def epochs_done(run_dir: Path) -> int:
    return sum(len(file.read_text().splitlines()) - 1 for file in run_dir.glob("fold_*/history.csv"))


def kill_somewhere(process: BaseProcess, run_dir: Path, moments: random.Random) -> None:
    """Kill a run in start-up, or some epochs later in a step, while it saves, between stages or between folds."""
    target = epochs_done(run_dir) + moments.randint(0, 8)
    time.sleep(moments.uniform(0, 4))
    while epochs_done(run_dir) < target and process.is_alive():
        time.sleep(0.01)
    time.sleep(moments.uniform(0, 0.3))
    assert process.is_alive(), "ended before it could be killed: give it more epochs"
    process.kill()
    process.join()


def curves(folder: Path) -> dict[tuple[str, str], str]:
    """TensorBoard's, but for those of how fast it was and of classes, which a fold has at its end."""
    return {key: text for key, text in lasting(folder).items() if key[0] == "scalars" and "classes/" not in key[1]}


@pytest.mark.slow
def test_killed_at_random_moments(synthetic, cache_dir, tmp_path):
    finish(start(tmp_path / "whole", synthetic, cache_dir))
    moments = random.Random(20261125)
    for _ in range(KILLS):
        kill_somewhere(start(tmp_path / "killed", synthetic, cache_dir), tmp_path / "killed", moments)
    finish(start(tmp_path / "killed", synthetic, cache_dir))
    for fold in ("fold_0", "fold_1"):
        tables = [pd.read_csv(tmp_path / run / fold / "history.csv") for run in ("whole", "killed")]
        same = [table.drop(columns=["seconds", "clips_per_second"]) for table in tables]
        pd.testing.assert_frame_equal(*same, check_exact=True)
        assert curves(tmp_path / "whole" / fold) == curves(tmp_path / "killed" / fold)
        models = [keras.models.load_model(tmp_path / run / fold / "model.keras") for run in ("whole", "killed")]
        for first, second in zip(*(model.get_weights() for model in models), strict=True):
            np.testing.assert_array_equal(first, second)
    scores = [(tmp_path / run / "oof_scores.csv").read_text() for run in ("whole", "killed")]
    assert scores[0] == scores[1]
