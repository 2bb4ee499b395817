"""TensorBoard's event files of a folder: written, gone on with after a stop, written anew."""

import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import tensorflow as tf
from google.protobuf.message import Message
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary

from fat_tf.files import written_whole

ALL_EVENTS = "events.out.tfevents.*"
VERSION = Event(file_version="brain.Event:2")


class EventFile:
    """A file of events, in TensorFlow's records.

    TensorBoard follows a file by its name, so each has another one, which ends in what it holds.

    Args:
        folder: a run of TensorBoard's; made if missing.
        kind: what the file holds.

    Raises:
        OSError, tf.errors.OpError: it cannot be written, here and in all methods.
    """

    def __init__(self, folder: Path, kind: str):
        folder.mkdir(parents=True, exist_ok=True)
        self._records = tf.io.TFRecordWriter(os.fsencode(_new_place(folder, kind)))
        self._write(VERSION)

    def add(self, summary: Message, step: int) -> None:
        """Append a summary of TensorBoard's or TensorFlow's."""
        self._write(Event(step=step, summary=Summary.FromString(summary.SerializeToString())))

    def add_graph(self, graph: tf.Graph) -> None:
        """Append the graph that the folder shows."""
        self._write(Event(graph_def=graph.as_graph_def(add_shapes=True).SerializeToString()))

    def flush(self) -> None:
        """Hand all that was added to the operating system."""
        self._records.flush()

    def _write(self, event: Event) -> None:
        event.wall_time = time.time()
        self._records.write(event.SerializeToString())


def _new_place(folder: Path, kind: str) -> Path:
    """A name that comes after those of before: TensorBoard reads files by name, and drops what a lower step follows."""
    return folder / f"events.out.tfevents.{time.time_ns()}.{uuid.uuid4().hex[:8]}.{kind}"


def written_anew(folder: Path, kind: str) -> EventFile:
    """An empty file in place of those that hold the same."""
    earlier = list(folder.glob(f"{ALL_EVENTS}.{kind}"))
    file = EventFile(folder, kind)
    _remove(earlier)
    return file


def gone_on_with(folder: Path, kind: str, steps: int) -> tuple[EventFile, list[Event]]:
    """A file for what follows these steps, and the events of before, which lie in a file beside it.

    What was written of later steps, which a stop has undone, is dropped: nothing is shown twice.
    """
    earlier = list(folder.glob(f"{ALL_EVENTS}.{kind}"))
    events = {event.SerializeToString(): event for event in _events(earlier) if steps and event.step <= steps}
    if events:
        _write_whole(_new_place(folder, kind), list(events))
    _remove(earlier)
    return EventFile(folder, kind), list(events.values())


def _write_whole(place: Path, events: list[bytes]) -> None:
    with written_whole(place) as unfinished, tf.io.TFRecordWriter(os.fsencode(unfinished)) as records:
        for event in [VERSION.SerializeToString(), *events]:
            records.write(event)


def _events(files: list[Path]) -> Iterator[Event]:
    """Summaries of files, each as far as it was written."""
    for file in sorted(files):
        try:
            for record in tf.data.TFRecordDataset(os.fsencode(file)).as_numpy_iterator():
                event = Event.FromString(record)
                if event.HasField("summary"):
                    yield event
        except tf.errors.DataLossError:  # a stop came while it was written
            continue


def _remove(files: list[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
