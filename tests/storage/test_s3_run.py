"""Training with data, log-mels and the run on S3: killed on one machine, finished on another, the same bit for bit."""

import os
import sys
import time
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

import fsspec
import pytest
from fake_runs import TINY_GIN
from tiny_runs import TINY

from fat_tf import commands
from fat_tf.errors import UserError
from fat_tf.storage.places import fetch, worked_on
from fat_tf.storage.remote import Remote
from fat_tf.storage.table import TABLE

PROCESSES = get_context("forkserver")  # each is a fork of one that has TensorFlow loaded, and nothing done with it
PROCESSES.set_forkserver_preload(["fat_tf.registry"])


def train(environment: dict[str, str], flags: list[str]) -> None:
    import tiny_model  # noqa: F401 (registers itself)

    os.environ.update(environment)
    sys.exit(commands.main(["train", *flags]))


def start(environment: dict[str, str], flags: list[str]) -> BaseProcess:
    process = PROCESSES.Process(target=train, args=[environment, flags])
    process.start()
    return process


def wait_for(file: str, run: str, process: BaseProcess) -> None:
    """Until a state of the run that has this file counts."""
    while file not in (Remote(run).read(TABLE) or {"files": ()})["files"]:
        assert process.is_alive(), "ended before it could be killed: give it more epochs"
        time.sleep(0.3)  # each look is a request


@pytest.mark.slow
def test_killed_on_one_machine_and_finished_on_another(bucket, s3_environment, synthetic, done, tmp_path, at_home):
    fsspec.filesystem("s3").put(f"{synthetic}/", f"{bucket}/data", recursive=True)
    places = {"data_dir": "data", "run_dir": "runs/a", "cache_dir": "log-mels"}
    flags = [*(f"--{flag}={bucket}/{place}" for flag, place in places.items()), f"--gin_file={TINY_GIN}", "--folds=0,1"]
    flags += [f"--gin_param={binding}" for binding in TINY]
    first, second = (s3_environment | {"FAT_TF_CACHE": str(tmp_path / name)} for name in ("first", "second"))
    killed = start(first, flags)
    wait_for("fold_0/history.csv", f"{bucket}/runs/a", killed)
    with pytest.raises(UserError, match=f"Process {killed.pid} on .* works on"), worked_on(f"{bucket}/runs/a"):
        pass
    killed.kill()
    killed.join()
    finished = start(second, flags)
    finished.join(300)
    assert finished.exitcode == 0
    run = fetch(f"{bucket}/runs/a")
    for name in ("oof_scores.csv", "test_scores.csv"):
        assert (run / name).read_bytes() == (done / name).read_bytes()
    assert {"report.html", "metrics.json", "fold_1/model.keras"} <= Remote(f"{bucket}/runs/a").stamps().keys()
    assert commands.main(["evaluate", f"--scores={bucket}/runs/a"]) == 0
    computed = {name.split("/")[1] for name in Remote(f"{bucket}/log-mels").stamps() if "pass-" in name}
    assert len(computed) == 1, "the second machine computed log-mels again"
    assert f'"data_dir": "{bucket}/data"' in (run / "manifest.json").read_text()
