"""Who the workers are, and whether they come."""

import json
import socket
import time

import pytest

from fat_tf.errors import UserError
from fat_tf.training.tf_config import Cluster, cluster_of_environment, meet

TWO = {"worker": ["a:1", "b:2"]}


def set_config(monkeypatch, cluster, kind="worker", index=0):
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}}))


@pytest.mark.parametrize("cluster, kind, index, expected", [
    (TWO, "worker", 1, Cluster(("a:1", "b:2"), 1)),
    ({"worker": ["b:2", "c:3"], "chief": ["a:1"]}, "chief", 0, Cluster(("a:1", "b:2", "c:3"), 0, has_chief=True)),
    ({"worker": ["b:2", "c:3"], "chief": ["a:1"]}, "worker", "1", Cluster(("a:1", "b:2", "c:3"), 2, has_chief=True)),
])  # fmt: skip
def test_the_workers_of_tf_config(monkeypatch, cluster, kind, index, expected):
    set_config(monkeypatch, cluster, kind, index)
    found = cluster_of_environment()
    assert found == expected and found.is_chief == (found.number == 0)


@pytest.mark.parametrize("cluster, kind, index, says", [
    (TWO, "worker", 2, "the task is worker 2, which its cluster does not have"),
    (TWO, "worker", -1, "worker -1"),
    (TWO, "chief", 0, "the task is chief 0, which"),
    (TWO, "worker", "first", r"says no cluster and task \(ValueError"),
    (TWO | {"ps": ["c:3"]}, "worker", 0, "jobs are chief and worker, not ps"),
    ({"worker": ["a:1"]}, "worker", 0, "names a:1: expected are two workers or more"),
    ({"worker": ["a:1", "a:1"]}, "worker", 0, "each with its address"),
    ({"worker": ["a", "b:2"]}, "worker", 0, "a is no HOST:PORT"),
    ({"worker": ["a:70000", "b:2"]}, "worker", 0, "a:70000 is no HOST:PORT"),
    (["a:1"], "worker", 0, "says no cluster and task"),
])  # fmt: skip
def test_a_tf_config_that_says_something_else_is_refused(monkeypatch, cluster, kind, index, says):
    set_config(monkeypatch, cluster, kind, index)
    with pytest.raises(UserError, match=says):
        cluster_of_environment()


@pytest.mark.parametrize("text, says", [
    ("", "needs the environment variable TF_CONFIG"),
    ('{"cluster": ', r"is no JSON \(Expecting value"),
    ("[]", "says no cluster and task"),
])  # fmt: skip
def test_a_missing_or_damaged_tf_config_is_refused_with_an_example(monkeypatch, text, says):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(UserError, match=rf'{says}.*"index": 0'):
        cluster_of_environment()


def free_port() -> int:
    with socket.create_server(("", 0)) as server:
        return server.getsockname()[1]


def test_workers_that_listen_have_come():
    with socket.create_server(("", 0)) as other:
        meet(Cluster((f"localhost:{free_port()}", f"localhost:{other.getsockname()[1]}"), 0), wait=10)


def test_a_worker_that_does_not_come_is_waited_for_and_named():
    missing, began = f"localhost:{free_port()}", time.monotonic()
    with pytest.raises(UserError, match=rf"Worker {missing} did not come within 0.6 s \(Connection refused\)"):
        meet(Cluster((f"localhost:{free_port()}", missing), 0), wait=0.6)
    assert time.monotonic() - began >= 0.6


def test_a_port_that_is_taken_is_said_at_once():
    with socket.create_server(("", 0)) as other:
        own = f"localhost:{other.getsockname()[1]}"
        with pytest.raises(UserError, match=f"gives this worker {own}, and it cannot listen there: Address already"):
            meet(Cluster((own, "localhost:1"), 0), wait=10)
