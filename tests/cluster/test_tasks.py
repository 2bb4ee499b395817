"""Tasks on a real Ray of this machine: what they give, what they print, how they fail."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from fat_tf.cluster import connection, tasks, workers
from fat_tf.errors import UserError

lacks_ray = pytest.mark.skipif(find_spec("ray") is None, reason="needs Ray: pip install -e '.[cluster]'")
pytestmark = [pytest.mark.slow, lacks_ray]
HERE = sys.modules[__name__]
TWO = tasks.Resources(cpus=2, gpus=0.0, retries=1)


@pytest.fixture(scope="module", autouse=True)
def cluster():
    with connection.connected(None):
        import ray  # not earlier: it reads its environment

        ray.cloudpickle.register_pickle_by_value(HERE)  # workers do not find this file
        yield


def threads_of(folder: Path) -> str:
    print("heard")
    os.system("echo from a program")
    return os.environ["TF_NUM_INTRAOP_THREADS"] + os.environ["LOKY_MAX_CPU_COUNT"]


def refuses() -> None:
    raise UserError("No clips here.")


def dies(mark: Path, times: int) -> str:
    deaths = len(mark.read_text("utf-8")) if mark.exists() else 0
    if deaths < times:
        mark.write_text("x" * (deaths + 1), "utf-8")
        os._exit(1)
    return f"after {deaths}"


def breaks() -> None:
    raise ZeroDivisionError("a fault of ours")


def gathered(tmp_path: Path, **calls) -> dict[str, object]:
    submitted = {tasks.submit(name, TWO, tmp_path / f"{name}.log", *call): name for name, call in calls.items()}
    return tasks.gather(submitted, tmp_path)


def test_results_and_output(tmp_path):
    assert gathered(tmp_path, one=(threads_of, tmp_path)) == {"one": "22"}
    first, *said = (tmp_path / "one.log").read_text("utf-8").splitlines()
    assert re.search(r" one: process \d+ on ", first) and sorted(said) == ["from a program", "heard"]


def test_a_lost_worker_is_replaced_as_often_as_wanted(tmp_path):
    assert gathered(tmp_path, one=(dies, tmp_path / "a", 1)) == {"one": "after 1"}
    with pytest.raises(UserError, match=r"^its worker was lost \("):
        gathered(tmp_path, two=(dies, tmp_path / "b", 9))
    assert (tmp_path / "b").read_text("utf-8") == "xx"


def test_one_that_cannot_be_done_lets_the_others_go_on_and_is_told_in_a_line(tmp_path):
    with pytest.raises(UserError, match=r"^bad: No clips here\. \(the other 1 are done; .* has what") as raised:
        gathered(tmp_path, bad=(refuses,), good=(dies, tmp_path / "mark", 0))
    assert "\n" not in raised.value.message
    assert "Error: No clips here." in (tmp_path / "bad.log").read_text("utf-8")


def test_a_fault_of_ours_ends_no_other_and_its_traceback_is_in_the_log(tmp_path):
    with pytest.raises(
        UserError, match=r"one: ZeroDivisionError: a fault of ours .*one.log has all of it\) \(the other"
    ):
        gathered(tmp_path, one=(breaks,), good=(dies, tmp_path / "mark", 0))
    assert "Traceback" in (tmp_path / "one.log").read_text("utf-8")


def test_workers_are_looked_at(tmp_path):
    workers.check_workers(TWO, {"--data_dir": str(tmp_path)}, {"--run_dir": str(tmp_path / "a" / "b")})
    assert not list(tmp_path.iterdir())
    with pytest.raises(UserError, match=r"does not see --data_dir=gone"):
        workers.check_workers(TWO, {"--data_dir": "gone"}, {})
    with pytest.raises(UserError, match=r"--run_dir=/proc/r cannot be written to"):
        workers.check_workers(TWO, {}, {"--run_dir": "/proc/r"})


def test_it_listens_on_loopback_alone():
    ours = {str(process) for process in _below(os.getpid())}
    opened = subprocess.run(["ss", "-Hltnp"], capture_output=True, encoding="utf-8", check=True).stdout.splitlines()
    listening = [line for line in opened if set(re.findall(r"pid=(\d+)", line)) & ours]
    assert listening and all("127.0.0.1" in line.split()[3] for line in listening)


def _below(process: int) -> list[int]:
    """A process and all that it has started, by Linux's tables."""
    tables = [stat.read_text().rsplit(")", 1) for stat in Path("/proc").glob("[0-9]*/stat")]
    parents = {int(name.split()[0]): int(rest.split()[1]) for name, rest in tables}
    found = [process]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found
