"""One training on several devices: of one host, or of several.

Each replica takes its part of every batch. The step is that of one device: gradients are summed over the replicas
before anything else is done to them, batch normalisation shares its statistics, metrics count all clips.
"""

import signal
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import gin
import tensorflow as tf

from fat_tf.errors import UserError, listed
from fat_tf.training.tf_config import Cluster, cluster_of_environment, meet


class Distribution(Protocol):
    """How a training is spread: made into a strategy once, before TensorFlow does anything else."""

    def strategy(self) -> tf.distribute.Strategy:
        """That the training runs under."""
        ...


@gin.register
@dataclass(frozen=True)
class Mirrored:
    """Several devices of this host, each with a copy of the weights.

    Args:
        devices: like ("GPU:0", "GPU:1"); None: all GPUs.

    Raises:
        UserError: fewer than two devices, or one that is not there.
    """

    devices: tuple[str, ...] | None = None

    def __post_init__(self):
        if self.devices is not None:
            object.__setattr__(self, "devices", tuple(self.devices))

    def strategy(self) -> tf.distribute.Strategy:
        there = [device.name.removeprefix("/device:") for device in tf.config.list_logical_devices()]
        devices = [name for name in there if name.startswith("GPU")] if self.devices is None else list(self.devices)
        if unknown := [device for device in devices if device not in there]:
            raise UserError(f"Mirrored.devices: there is no {listed(unknown)} here, but {listed(there)}")
        if len(set(devices)) < 2:
            what = "GPUs" if self.devices is None else "Mirrored.devices"
            raise UserError(
                f"@Mirrored() trains on two devices or more, and there are {len(set(devices))} {what}: train without "
                "it (Recipe.distribution = None)"
            )
        return tf.distribute.MirroredStrategy(devices)


@gin.register
@dataclass(frozen=True)
class MultiWorker:
    """Several hosts, or processes, that TF_CONFIG names; each with all of its GPUs, or its CPU where it has none.

    Args:
        wait: seconds for all workers to come.

    Raises:
        UserError: no TF_CONFIG or a damaged one, a worker that does not come.
    """

    wait: float = 300.0

    def strategy(self) -> tf.distribute.Strategy:
        cluster = cluster_of_environment()
        meet(cluster, self.wait)
        on_term = signal.getsignal(signal.SIGTERM)
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
        signal.signal(signal.SIGTERM, on_term)  # TensorFlow's server has made it do nothing
        return strategy


def strategy_of(distribution: Distribution | None) -> tf.distribute.Strategy:
    """The strategy of a distribution, the same in all of a process; that of one device for None."""
    return tf.distribute.get_strategy() if distribution is None else _made(distribution)


@cache
def _made(distribution: Distribution) -> tf.distribute.Strategy:
    return distribution.strategy()


def scope_of(distribution: Distribution | None) -> AbstractContextManager:
    """Within, variables are made for all replicas of a distribution."""
    return nullcontext() if distribution is None else strategy_of(distribution).scope()


def smallest_batch(distribution: Distribution | None) -> int:
    """Clips that a batch has at least: two, of which one alone has no statistics, and one for each replica."""
    return max(2, strategy_of(distribution).num_replicas_in_sync)


def joined_cluster(distribution: Distribution | None) -> Cluster | None:
    """The cluster that this process is a worker of; None where it trains by itself."""
    return cluster_of_environment() if isinstance(distribution, MultiWorker) else None
