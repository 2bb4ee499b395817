"""Where a command's work is done, by --executor and --ray_address."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from fat_tf import config
from fat_tf.errors import UserError


def check_executor(flags) -> None:
    """Raise a UserError where the executor cannot be used; takes no longer than a few seconds."""
    if flags.ray_address and flags.executor != "ray":
        raise UserError(f"--ray_address={flags.ray_address} is where --executor=ray works: give both")
    if flags.executor == "ray":
        from fat_tf.cluster.connection import check_ray

        check_ray(flags.ray_address, "--executor=ray needs Ray")


def check_tune(address: str | None) -> None:
    """As `check_executor`, of a command that cannot do without Ray Tune."""
    from fat_tf.cluster.connection import check_ray

    if address and "://" in address:
        raise UserError(f"--ray_address={address}: start a sweep on a machine of the cluster, with its HOST:PORT")
    check_ray(address, "A sweep needs Ray Tune", ("ray", "pyarrow"))


@contextmanager
def executor_of(flags, run_dir: str) -> Iterator:
    """The executor that trains a run, connected; the configuration must be loaded.

    Args:
        flags: of the command.
        run_dir: folder of the run.
    """
    from fat_tf.training.executor import Executor

    if flags.executor == "local":
        yield Executor()
        return
    read = {"--data_dir": flags.data_dir} if flags.data_dir else {}
    with ray_executor(flags, read, {"--run_dir": run_dir, "--cache_dir": cache_of(flags)}) as executor:
        yield executor


@contextmanager
def ray_executor(flags, read: Mapping[str, str], written: Mapping[str, str]) -> Iterator:
    """The executor of a configuration that is loaded, connected, its workers looked at.

    Args:
        flags: of the command.
        read, written: places by name, as of `check_workers`.
    """
    import fat_tf.cluster.executor  # noqa: F401 (registers it, whatever a configuration imports)
    from fat_tf.cluster.connection import connected
    from fat_tf.cluster.workers import check_workers

    executor = config.make("RayExecutor")
    with connected(flags.ray_address):
        check_workers(executor.resources, read, written)
        yield executor


def cache_of(flags) -> str:
    """Where a command keeps log-mels."""
    from fat_tf.data.builtin import features_folder

    return flags.cache_dir or str(features_folder())


def train_ensemble_by(flags) -> Callable[..., bool]:
    """What trains the members of an ensemble, called as `fat_tf.training.train_ensemble`."""
    if flags.executor == "local":
        from fat_tf.training import train_ensemble
    else:
        from fat_tf.cluster.members import train_ensemble
    return train_ensemble
