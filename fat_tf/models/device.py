"""What this machine computes well."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import tensorflow as tf

from fat_tf.data.parallel import THREADS

BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}
BFLOAT16_CAPABILITY = (8, 0)  # NVIDIA Ampere


def resolve_precision(precision: str) -> str:
    """The dtype policy that "auto" stands for here: bfloat16 where the hardware multiplies it."""
    if precision != "auto":
        return precision
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        capability = tf.config.experimental.get_device_details(gpus[0]).get("compute_capability", (0, 0))
        return "mixed_bfloat16" if capability >= BFLOAT16_CAPABILITY else "float32"
    return "mixed_bfloat16" if cpu_flags() & BFLOAT16_FLAGS else "float32"


def uses_xla(jit_compile: bool | None) -> bool:
    """Whether a training step is compiled by XLA; None: on a GPU alone, since it is slower on a CPU."""
    if jit_compile is not None:
        return jit_compile
    return bool(tf.config.list_physical_devices("GPU")) and tf.distribute.get_strategy().num_replicas_in_sync == 1


def cpu_flags() -> set[str]:
    """The processor's features as Linux names them; empty where it does not tell."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.is_file() else []
    return set(next((line.split(":")[1].split() for line in lines if line.startswith("flags")), []))


def describe_device() -> str:
    """The device that trains."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return f"CPU, {THREADS} cores"
    details = tf.config.experimental.get_device_details(gpus[0])
    return f"{len(gpus)} GPU, {details.get('device_name', gpus[0].name)}"


@contextmanager
def dtype_policy(precision: str) -> Iterator[None]:
    """Build layers under a policy, and leave the global one as it was."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
