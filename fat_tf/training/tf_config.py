"""The workers of a training on several hosts: who they are, by TF_CONFIG, and whether they have all come."""

import json
import os
import socket
import time
from dataclasses import dataclass

from fat_tf.errors import UserError, listed

EXAMPLE = (
    '{"cluster": {"worker": ["HOST1:2222", "HOST2:2222"]}, "task": {"type": "worker", "index": 0}}, with an index of '
    "its own on each host"
)
JOBS = ("chief", "worker")  # in the order of their numbers
PAUSE = 0.5  # seconds between two looks


@dataclass(frozen=True)
class Cluster:
    """addresses: "host:port" of all workers, the chief first. number: of this one, from 0. has_chief: it is a job."""

    addresses: tuple[str, ...]
    number: int
    has_chief: bool = False

    @property
    def is_chief(self) -> bool:
        """Whether this worker writes the run."""
        return self.number == 0

    def address_of(self, job: str, index: int) -> str:
        """Where a task is that TensorFlow names by its job, "chief" or "worker"."""
        return self.addresses[index + (self.has_chief and job == "worker")]


def cluster_of_environment() -> Cluster:
    """The workers that TF_CONFIG names.

    Raises:
        UserError: it is missing, no JSON, or names no cluster of two workers or more and one of them.
    """
    text = os.environ.get("TF_CONFIG", "")
    if not text.strip():
        raise UserError(f"@MultiWorker() needs the environment variable TF_CONFIG on each host: {EXAMPLE}")
    try:
        config = json.loads(text)
        jobs, task = dict(config["cluster"]), config["task"]
        (addresses, starts), place = _addresses(jobs), (task["type"], int(task["index"]))
    except json.JSONDecodeError as error:
        raise UserError(f"TF_CONFIG is no JSON ({error}); expected is {EXAMPLE}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(f"TF_CONFIG says no cluster and task ({error!r}); expected is {EXAMPLE}") from error
    if set(jobs) - set(JOBS):
        raise UserError(f"TF_CONFIG: jobs are chief and worker, not {listed(sorted(set(jobs) - set(JOBS)))}")
    if place[0] not in starts or not 0 <= place[1] < len(jobs[place[0]]):
        raise UserError(f"TF_CONFIG: the task is {place[0]} {place[1]}, which its cluster does not have")
    if len(set(addresses)) < max(2, len(addresses)):
        raise UserError(f"TF_CONFIG names {listed(addresses)}: expected are two workers or more, each with its address")
    return Cluster(addresses, starts[place[0]] + place[1], "chief" in jobs)


def _addresses(jobs: dict[str, list[str]]) -> tuple[tuple[str, ...], dict[str, int]]:
    """All addresses, and the number of each job's first one."""
    addresses, starts = [], {}
    for job in JOBS:
        if job in jobs:
            starts[job] = len(addresses)
            addresses += jobs[job]
    for address in addresses:
        _host_and_port(address)
    return tuple(addresses), starts


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not 0 < int(port) < 65536:
        raise ValueError(f"{address} is no HOST:PORT")
    return host.strip("[]"), int(port)


def meet(cluster: Cluster, wait: float) -> None:
    """Return when all workers can be reached: TensorFlow itself would wait for ever, and could not be stopped.

    Until then this worker listens at its own port, for the others; later TensorFlow's server does.

    Raises:
        UserError: which did not come in time, or why this one cannot listen.
    """
    missing = [address for number, address in enumerate(cluster.addresses) if number != cluster.number]
    until, reason = time.monotonic() + wait, ""
    own = cluster.addresses[cluster.number]
    try:
        listening = socket.create_server(("", _host_and_port(own)[1]), backlog=len(cluster.addresses) * 8)
    except OSError as error:
        raise UserError(f"TF_CONFIG gives this worker {own}, and it cannot listen there: {error.strerror}") from error
    with listening:
        while missing:
            reasons = {address: why for address in missing if (why := _unreachable(address))}
            missing = list(reasons)
            if missing and time.monotonic() > until:
                reason = reasons[missing[0]]
                raise UserError(
                    f"Worker {listed(missing)} did not come within {wait:g} s ({reason}): start the same command on "
                    "all hosts of TF_CONFIG, and look whether their ports are open (MultiWorker.wait is how long to "
                    "wait)"
                )
            if missing:
                time.sleep(PAUSE)


def _unreachable(address: str) -> str:
    """Why nothing can be reached at an address; empty where something can."""
    try:
        socket.create_connection(_host_and_port(address), timeout=5).close()
    except OSError as error:
        return error.strerror or str(error)
    return ""
