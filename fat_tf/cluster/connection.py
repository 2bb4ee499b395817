"""To a Ray cluster that is there, or to one of this machine alone, which ends with the program."""

import os
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec

import joblib

from fat_tf.errors import UserError
from fat_tf.program import install_line
from fat_tf.signals import terminated_by_exit

REACHED, ANSWERED = 5.0, 20.0  # seconds within which a port opens, and a cluster says what it is, Ray's start included
THIS_MACHINE = {  # to be set before Ray is imported
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # as on these systems, all of its servers listen on loopback alone
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_agent_register_timeout_ms": "120000",  # on a machine that has other work to do
    "RAY_worker_niceness": "0",  # as this process; Ray's own 15 lets all others go first
    "RAY_AUTH_MODE": "token",  # nobody else on this machine can have it do things
}


def check_ray(address: str | None, needs: str, modules: Sequence[str] = ("ray",)) -> None:
    """Look, before anything slow is done, whether Ray is installed and its cluster can be reached.

    Args:
        address: HOST:PORT of a cluster, or ray://HOST:PORT; None for this machine.
        needs: what cannot be done without it, in words.
        modules: that it needs.

    Raises:
        UserError: it is not.
    """
    if not all(map(find_spec, modules)):
        raise UserError(f"{needs}: {install_line('cluster')}")
    if address:
        _check_port(address)
        if "://" not in address:
            _check_cluster(address)


def _check_port(address: str) -> None:
    found = re.fullmatch(r"(?:ray://)?\[?([^\[\]/]+?)\]?:(\d+)", address)
    if not found:
        raise UserError(f"--ray_address={address} is no address like 10.0.0.5:6379, as `ray start --head` prints it")
    try:
        socket.create_connection((found[1], int(found[2])), timeout=REACHED).close()
    except (OSError, OverflowError) as error:
        raise _unreachable(address, getattr(error, "strerror", None) or error) from error


def _check_cluster(address: str) -> None:
    """Try it in a process that can be ended: Ray waits for minutes where something else answers."""
    program = f"import ray; ray.init(address={address!r}, log_to_driver=False, logging_level='ERROR')"
    try:
        subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=ANSWERED, check=True)
    except subprocess.TimeoutExpired as error:
        wants = b"Unauthenticated" in (error.stderr or b"")
        reason = "it asks for a token: set RAY_AUTH_MODE=token" if wants else "no Ray answers there"
        raise _unreachable(address, reason) from error
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").strip().splitlines()
        raise _unreachable(address, lines[-1] if lines else "it ends at once") from error


def _unreachable(address: str, reason: object) -> UserError:
    return UserError(
        f"--ray_address={address} cannot be reached ({reason}): is the cluster up (`ray status`), and its port open?"
    )


@contextmanager
def connected(address: str | None) -> Iterator[None]:
    """Within, Ray's tasks run on the cluster; without an address on a new one of this machine's processors.

    Raises:
        UserError: what Ray has against it.
    """
    if not address:
        os.environ.update(THIS_MACHINE)
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))  # Ray reads it once in a process
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # this process is not to take the tasks' memory
    import ray

    here = {"address": "local", "num_cpus": joblib.cpu_count(), "include_dashboard": False}
    where = {"address": address} if address else here
    for is_last in [True] if address else [False, True]:  # its parts have fixed times to start; busy machines miss them
        try:
            ray.init(**where, log_to_driver=False, logging_level="ERROR")
            break
        except Exception as error:  # of many kinds, and none of ours
            ray.shutdown()
            if is_last:
                reason = " ".join(str(error).split())
                raise UserError(f"Ray at {address or 'this machine'}: {reason}") from error
    try:
        with terminated_by_exit():  # Ray would abort
            yield
    finally:
        ray.shutdown()
