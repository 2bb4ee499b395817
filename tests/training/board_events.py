"""What TensorBoard's files hold."""

from pathlib import Path

import tensorflow as tf
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.util.tensor_util import make_ndarray


def events(folder: Path) -> list[Event]:
    files = sorted(folder.glob("events*"))
    return [Event.FromString(r) for file in files for r in tf.data.TFRecordDataset(str(file)).as_numpy_iterator()]


def points(folder: Path) -> dict[tuple[str, str], list[tuple[int, object]]]:
    """(step, value) by plugin and tag, in the order of the files."""
    found: dict[tuple[str, str], list[tuple[int, object]]] = {}
    for event in events(folder):
        for value in event.summary.value:
            key = value.metadata.plugin_data.plugin_name, value.tag
            found.setdefault(key, []).append((event.step, make_ndarray(value.tensor).tolist()))
    return found


def lasting(folder: Path) -> dict[tuple[str, str], str]:
    """The points that do not depend on how fast a machine is, as texts, in which NaN is NaN."""
    return {key: repr(value) for key, value in points(folder).items() if not key[1].startswith("speed/")}
