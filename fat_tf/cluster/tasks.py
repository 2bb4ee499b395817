"""Tasks of Ray: a process each, its output in a file, what a person can mend told in a line."""

import os
import socket
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fat_tf.config import ConfigError
from fat_tf.errors import UserError, counted

POLL = 1.0  # seconds between two looks at what is done
LOGS = "logs"  # folder in a run


@dataclass(frozen=True)
class Resources:
    """Of a task. cpus: processors, and threads. gpus: a share of one, or several. retries: when its worker is lost."""

    cpus: int
    gpus: float
    retries: int

    @property
    def environment(self) -> dict[str, str]:
        """Variables by which a process takes no more than that."""
        threads = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "LOKY_MAX_CPU_COUNT", "OMP_NUM_THREADS")
        return {**dict.fromkeys(threads, str(self.cpus)), "TF_FORCE_GPU_ALLOW_GROWTH": "true"}


@dataclass(frozen=True)
class _Refused:
    message: str


def submit(name: str, resources: Resources, log: Path, function: Callable, *arguments: object) -> object:
    """Have a worker call a function, in a process of its own; returns Ray's reference to what it gives.

    Args:
        name: for Ray's lists of tasks.
        resources: that it takes.
        log: what it prints is added there.
        function: of a module that workers can import.
        arguments: references to what other tasks give are waited for.
    """
    import ray

    options = {
        **{"name": name, "num_cpus": resources.cpus, "num_gpus": resources.gpus, "max_retries": resources.retries},
        "runtime_env": {"env_vars": resources.environment},
    }
    return (
        ray.remote(max_calls=1)(_work)
        .options(**options)
        .remote(name, os.getcwd(), log.absolute(), function, *arguments)
    )


def put(value: object) -> object:
    """Keep a value where all workers find it; returns Ray's reference to it."""
    import ray

    return ray.put(value)


def at_once(resources: Resources) -> int:
    """Tasks that the cluster has room for now, at least 1."""
    import ray

    there = ray.cluster_resources()
    of_gpus = there.get("GPU", 0) / resources.gpus if resources.gpus else float("inf")
    return max(1, int(min(there.get("CPU", 0) / resources.cpus, of_gpus)))


def _work(name: str, folder: str, log: Path, function: Callable, *arguments: object) -> object:
    """What a worker does. Its process ends with it, so its streams and its folder need not be put back."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "a", encoding="utf-8") as out:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(out.fileno(), stream.fileno())
    if os.path.isdir(folder):  # for places that are named as they are seen from there
        os.chdir(folder)
    print(f"{time.strftime('%F %T')} {name}: process {os.getpid()} on {socket.gethostname()}", flush=True)
    try:
        return function(*arguments)
    except (UserError, ConfigError) as error:
        print(f"Error: {error.message}", flush=True)
        return _Refused(error.message)
    except BaseException:
        traceback.print_exc()
        raise


def gather(tasks: Mapping[object, str], logs: Path, look: Callable[[], None] = lambda: None) -> dict[str, object]:
    """Wait for tasks; one that fails lets the others go on. Whatever ends the wait ends them all.

    Args:
        tasks: name by reference.
        logs: where they print to.
        look: called again and again meanwhile.

    Returns:
        What they give, by name.

    Raises:
        UserError: what a task could not do, when all are done.
    """
    import ray

    waiting, results, failed = list(tasks), {}, {}
    try:
        while waiting:
            done, waiting = ray.wait(waiting, timeout=POLL)
            for task in done:
                _take(task, tasks[task], results, failed)
            look()
    except BaseException:
        for task in waiting:
            ray.cancel(task, force=True)
        raise
    if failed:
        first = next(iter(failed))
        more = f" (and {counted(len(failed) - 1, 'other task')} failed)" if len(failed) > 1 else ""
        raise UserError(f"{first}: {failed[first]}{more}. The others are done; {logs} has what each task printed")
    return results


def _take(task: object, name: str, results: dict[str, object], failed: dict[str, str]) -> None:
    """Put away what a task gives; an error that is nobody's to mend is raised as it is."""
    import ray

    try:
        result = ray.get(task)
    except ray.exceptions.RayTaskError:
        raise
    except ray.exceptions.RayError as error:  # the worker, again and again
        failed[name] = f"its worker was lost ({str(error).strip().splitlines()[0]})"
        return
    if isinstance(result, _Refused):
        failed[name] = result.message.rstrip(".")
    else:
        results[name] = result
