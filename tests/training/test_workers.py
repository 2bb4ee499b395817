"""Two processes on loopback train one model: as one device does, and again after one of them was killed."""

import json
import os
import sys
import time
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from test_tf_config import free_port

from fat_tf import commands
from fat_tf.errors import UserError
from fat_tf.training.tf_config import Cluster
from fat_tf.training.workers import said_if_lost

STEPS = 20  # an epoch is one step, so that history.csv has the loss of each
GIN = f"""
import tiny_model
include '{Path(__file__).with_name("tiny.gin")}'

WIDTH = 2
EPOCHS = {STEPS}
BATCH_SIZE = 32
FrontEnd.window_seconds = 1.0
Recipe.precision = 'float32'
Stage.augmentations = ()
Board.share = 0.0
"""
TOGETHER = "--gin_param=Recipe.distribution=@MultiWorker()"
PROCESSES = get_context("forkserver")  # each is a fork of one that has TensorFlow loaded, and nothing done with it
PROCESSES.set_forkserver_preload(["fat_tf.registry"])


def train(flags: list[str], config: str, log: Path) -> None:
    os.environ["TF_CONFIG"] = config
    with open(log, "w") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
        sys.exit(commands.main(["train", *flags]))


def start(folder: Path, flags: list[str]) -> list[BaseProcess]:
    """Both workers."""
    cluster = {"worker": [f"127.0.0.1:{free_port()}" for _ in range(2)]}
    processes = []
    for number in range(2):
        config = json.dumps({"cluster": cluster, "task": {"type": "worker", "index": number}})
        log = folder / f"worker_{number}.log"
        processes.append(PROCESSES.Process(target=train, args=(flags, config, log)))
        processes[-1].start()
    return processes


def wait_for(what, processes: list[BaseProcess]) -> None:
    until = time.monotonic() + 300
    while not what():
        assert time.monotonic() < until and all(process.is_alive() for process in processes)
        time.sleep(0.05)


def said(folder: Path, worker: int) -> list[str]:
    return (folder / f"worker_{worker}.log").read_text().splitlines()


def history(run: Path) -> pd.DataFrame:
    return pd.read_csv(run / "fold_0" / "history.csv")


SILENT = "Error reported from /job:worker/task:1: Task /job:worker/replica:0/task:1 heartbeat timeout."
GONE = (
    "Socket closed\nAdditional GRPC error information from remote target /job:worker/replica:0/task:1 while calling "
    "/tensorflow.WorkerService/RecvBuf:"
)


@pytest.mark.parametrize("told, has_chief, says", [
    (SILENT, False, "worker b:2: its own"),
    (GONE, False, "worker b:2: its own"),
    (SILENT + SILENT.replace("task:1", "task:2"), False, "worker b:2, c:3: its own"),
    (GONE, True, "worker c:3: its own"),
    (GONE.replace("/job:worker/replica:0/task:1", "/job:chief/replica:0/task:0"), True, "worker a:1: its own"),
    ("Socket closed", False, "another worker: its own"),
])  # fmt: skip
def test_a_lost_worker_is_named(told, has_chief, says):
    """As TensorFlow 2.17 tells one that fell silent between two steps, and one whose connection broke within a step."""
    own = "{{function_node __wrapped_/job:worker/replica:0/task:0/device:CPU:0}} Collective ops is aborted by: "
    cluster = Cluster(("a:1", "b:2", "c:3"), 0, has_chief)
    with pytest.raises(UserError, match=f"Lost {says} last lines say why"), said_if_lost(cluster):
        raise tf.errors.UnavailableError(None, None, own + told)


@pytest.mark.slow
def test_two_workers_train_as_one_device_and_go_on_after_one_was_killed(synthetic, cache_dir, tmp_path):
    gin_file = tmp_path / "two.gin"
    gin_file.write_text(GIN)
    flags = [f"--gin_file={gin_file}", f"--data_dir={synthetic}", f"--cache_dir={cache_dir}", "--folds=0"]
    together = [*flags, f"--run_dir={tmp_path / 'two'}", TOGETHER]
    chief, killed = start(tmp_path, together)
    wait_for(lambda: (tmp_path / "two" / "fold_0" / "history.csv").exists(), [chief, killed])
    killed.kill()
    chief.join(60)
    assert chief.exitcode == 2
    assert said(tmp_path, 0)[-1].startswith("Error: Lost worker 127.0.0.1:")
    assert 1 <= len(history(tmp_path / "two")) < STEPS

    for process in (workers := start(tmp_path, together)):
        process.join(300)
    assert [process.exitcode for process in workers] == [0, 0]
    assert any(line.startswith("Going on with fold 0, stage fit") for line in said(tmp_path, 0))
    assert "Worker 2 of 2: the first one, 127.0.0.1:" in "\n".join(said(tmp_path, 1))

    alone = PROCESSES.Process(
        target=train, args=([*flags, f"--run_dir={tmp_path / 'one'}"], "", tmp_path / "alone.log")
    )
    alone.start()
    alone.join(300)
    one, two = history(tmp_path / "one"), history(tmp_path / "two")
    assert len(one) == len(two) == STEPS
    np.testing.assert_allclose(two["loss"], one["loss"], rtol=1e-4)
    np.testing.assert_allclose(two["val_loss"], one["val_loss"], rtol=1e-4)
    np.testing.assert_allclose(two["lwlrap"], one["lwlrap"], atol=0.01)  # ranks change where scores nearly tie
    metrics = [json.loads((tmp_path / run / "metrics.json").read_text()) for run in ("one", "two")]
    assert metrics[1]["test"]["lwlrap"] == pytest.approx(metrics[0]["test"]["lwlrap"], abs=0.02)
