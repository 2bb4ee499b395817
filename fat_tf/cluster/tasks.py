"""Tasks of Ray: a process each, its output in a file, what a person can mend told in a line."""

import json
import os
import socket
import sys
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fat_tf.config import ConfigError
from fat_tf.errors import UserError
from fat_tf.runs.environment import TYPED, command

POLL = 1.0  # seconds between two looks at what is done


@dataclass(frozen=True)
class Resources:
    """Of a task.

    cpus: processors, and threads. gpus: a share of one, or several. retries: when its worker is lost. waits: for tasks
    of its own, and so it takes none of them.
    """

    cpus: int
    gpus: float
    retries: int
    waits: bool = False

    @property
    def environment(self) -> dict[str, str]:
        """Variables by which a process takes no more than that."""
        threads = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "LOKY_MAX_CPU_COUNT", "OMP_NUM_THREADS")
        return {**dict.fromkeys(threads, str(self.cpus)), "TF_FORCE_GPU_ALLOW_GROWTH": "true"}


@dataclass(frozen=True)
class Refused:
    """What a person can mend, told by a worker."""

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

    taken = (
        {"num_cpus": 0, "num_gpus": 0} if resources.waits else {"num_cpus": resources.cpus, "num_gpus": resources.gpus}
    )
    environment = {"env_vars": {**resources.environment, TYPED: json.dumps(command())}}
    options = {"name": name, "max_retries": resources.retries, "runtime_env": environment, **taken}
    return (
        ray.remote(max_calls=1)(work).options(**options).remote(name, os.getcwd(), log.absolute(), function, *arguments)
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


def work(name: str, folder: str, log: Path, function: Callable, *arguments: object) -> object:
    """What a worker does. Its process ends with it, so its streams and its folder need not be put back.

    Args:
        name: that its log begins with.
        folder: to go to, if it is there.
        log: what it prints is added there.
        function, arguments: as of `submit`.

    Returns:
        What the function gives, or `Refused`: where it raises something, too.
    """
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
        return Refused(error.message)
    except Exception as error:  # of a part, or a fault of ours: the others go on, and again it would be the same
        traceback.print_exc()
        reason = str(error).strip().splitlines() or [""]
        return Refused(f"{type(error).__name__}: {reason[0]} ({log} has all of it)")


def gather(
    tasks: Mapping[object, str],
    logs: Path,
    look: Callable[[Collection[str], Collection[str]], Mapping[object, str] | None] = lambda done, failed: None,
) -> dict[str, object]:
    """Wait for tasks; one that fails lets the others go on. Whatever ends the wait ends them all.

    Args:
        tasks: name by reference.
        logs: where they print to.
        look: called again and again with the names of those that are done and of those that failed; may give further
            tasks.

    Returns:
        What they give, by name.

    Raises:
        UserError: what a task could not do, when all are done.
    """
    import ray

    waiting, results, failed = dict(tasks), {}, {}
    with _ended_with_this(waiting):
        while waiting:
            for task in ray.wait(list(waiting), timeout=POLL)[0]:
                name, result = waiting.pop(task), _result(task)
                if isinstance(result, Refused):
                    failed[name] = result.message
                    if waiting:
                        print(f"{name}: {result.message}", flush=True)
                else:
                    results[name] = result
            waiting |= look(results, failed) or {}
    if failed:
        raise UserError(failures(failed, len(results), logs))
    return results


def in_order(tasks: Sequence[object]) -> Iterator[object]:
    """What tasks give, one after the other; whatever ends that ends them all.

    Raises:
        UserError: what one of them could not do.
    """
    waiting = dict.fromkeys(tasks)
    with _ended_with_this(waiting):
        for task in tasks:
            result = _result(task)
            if isinstance(result, Refused):
                raise UserError(result.message)
            del waiting[task]
            yield result


@contextmanager
def _ended_with_this(waiting: Mapping[object, object]) -> Iterator[None]:
    """Within, whatever is raised ends the tasks that are waited for then."""
    import ray

    try:
        yield
    except BaseException:
        for task in waiting:
            ray.cancel(task, force=True)
        raise


def _result(task: object) -> object:
    """What a task gives, or `Refused`: where its worker was lost again and again, too."""
    import ray

    try:
        return ray.get(task)
    except ray.exceptions.RayError as error:
        return Refused(f"its worker was lost ({str(error).strip().splitlines()[0]})")


def failures(failed: Mapping[str, str], done: int, logs: Path) -> str:
    """What the first of the tasks that failed says, and what became of the others.

    Args:
        failed: what each says, by name.
        done: number of the others.
        logs: where they print to.
    """
    first = next(iter(failed))
    if len(failed) + done == 1:
        return failed[first]
    others = (
        f"{len(failed) - 1} more failed, {done} are done" if failed.keys() - {first} else f"the other {done} are done"
    )
    return f"{first}: {failed[first]} ({others}; {logs} has what they printed)"
