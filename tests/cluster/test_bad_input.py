"""What is wrong with a cluster, said in a line before the work starts; none of it needs Ray."""

import ast
import socket
from pathlib import Path

import pytest

import fat_tf
from fat_tf import config
from fat_tf.cluster import connection, probe, workers
from fat_tf.cluster.tasks import Resources
from fat_tf.errors import UserError
from fat_tf.program import install_line

PACKAGE = Path(fat_tf.__file__).parent


def test_nothing_imports_ray_before_it_is_asked_for():
    """A function does, where it is called."""
    for file in PACKAGE.rglob("*.py"):
        for node in ast.parse(file.read_text("utf-8")).body:
            names = [alias.name for alias in getattr(node, "names", [])] + [getattr(node, "module", None) or ""]
            is_import = isinstance(node, ast.Import | ast.ImportFrom)
            assert not (is_import and any(name.split(".")[0] == "ray" for name in names)), file


def flags(tmp_path, synthetic, *more: str) -> list[str]:
    return ["train", "--gin_file=m1.gin", f"--data_dir={synthetic}", f"--run_dir={tmp_path / 'r'}", *more]


def test_without_ray_the_remedy_is_said(call, tmp_path, synthetic, monkeypatch):
    monkeypatch.setattr(connection, "find_spec", lambda name: None)
    done = call(*flags(tmp_path, synthetic, "--executor=ray"))
    assert done.returncode == 2 and f"needs Ray: {install_line('cluster')}" in done.stderr
    assert done.stderr.count("\n") == 1 and not (tmp_path / "r").exists()


def closed_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


@pytest.mark.parametrize("address, says", [
    ("there", "is no address like 10.0.0.5:6379"),
    ("127.0.0.1:99999", "cannot be reached"),
    ("ray://127.0.0.1:PORT", "cannot be reached (Connection refused)"),
    ("127.0.0.1:PORT", "cannot be reached (Connection refused): is the cluster up"),
])  # fmt: skip
def test_an_address_that_nobody_answers_at(call, tmp_path, synthetic, monkeypatch, address, says):
    monkeypatch.setattr(connection, "find_spec", lambda name: "found")
    address = address.replace("PORT", str(closed_port()))
    done = call(*flags(tmp_path, synthetic, "--executor=ray", f"--ray_address={address}"))
    assert done.returncode == 2 and f"--ray_address={address}" in done.stderr and says in done.stderr
    assert not (tmp_path / "r").exists()


def test_an_address_belongs_to_ray(call, tmp_path, synthetic):
    done = call(*flags(tmp_path, synthetic, "--ray_address=10.0.0.5:6379"))
    assert done.returncode == 2 and "is where --executor=ray works" in done.stderr


def test_resources_that_no_machine_has():
    nodes = [{"CPU": 8.0}, {"CPU": 2.0, "GPU": 1.0}]
    workers.check_room(Resources(2, 1.0, 0), nodes)
    with pytest.raises(UserError, match=r"4 CPUs and 0.5 GPUs, and no machine .* of 8 CPUs and 0 GPUs, 2 CPUs and 1 G"):
        workers.check_room(Resources(4, 0.5, 0), nodes)


@pytest.mark.parametrize("name", ["Python", "tensorflow", "keras", "ray", "fat_tf"])
def test_versions_that_differ(name):
    here = probe.probe({})
    workers.check_same(here, here | {"host": "another"}, {})
    with pytest.raises(UserError, match=f"worker on node7 has {name} 0.1 .here {here[name]}.: install the same"):
        workers.check_same(here, here | {name: "0.1", "host": "node7"}, {})


def test_places_that_a_worker_does_not_see(tmp_path):
    places = {"--data_dir": str(tmp_path), "--run_dir": str(tmp_path / "gone")}
    with pytest.raises(UserError, match=r"does not see --run_dir=.*gone: put it on storage that all machines share"):
        workers.check_same(probe.probe({}), probe.probe(places), places)


@pytest.mark.parametrize("param, says", [
    ("RayExecutor.cpus = 0", "cpus are 1 or more"),
    ("RayExecutor.gpus = 1.5", "a share of one, like 0.5, or a whole number"),
    ("RayExecutor.retries = -1", "retries 0 or more"),
])  # fmt: skip
def test_resources_that_make_no_sense(param, says):
    config.load(["m1.gin"], [param])
    with pytest.raises((UserError, config.ConfigError), match=says):
        config.make("RayExecutor")
