"""What a run was made with: versions, devices, command line, commit."""

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ENVIRONMENT = "environment.json"
TYPED = "FAT_TF_COMMAND"  # variable of a task: JSON
PACKAGES = (
    "tensorflow",
    "keras",
    "tensorflow-io",
    "numpy",
    "pandas",
    "scikit-learn",
    "gin-config",
    "soundfile",
    "soxr",
)


def environment() -> dict[str, object]:
    """Versions, devices, command line and git commit, as environment.json holds them."""
    import tensorflow as tf  # it takes seconds, which those who only read a run need not wait

    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: number for name in PACKAGES if (number := _version(name))},
        "devices": [device.name for device in tf.config.list_physical_devices()],
        "command": command(),
        "commit": _commit(),
    }


def command() -> list[str]:
    """What a person has typed; in a task of a cluster, what was typed where it was started."""
    return json.loads(os.environ.get(TYPED, "null")) or [Path(sys.argv[0]).name, *sys.argv[1:]]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    """The commit of the checkout that this package lies in, if it is one."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        return subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
