"""The SavedModel: a graph with three signatures, and what it needs to be known beside it."""

import json
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from fat_tf.audio import FrontEnd
from fat_tf.audio.decode import encoded
from fat_tf.export.graph import TaggingGraph
from fat_tf.files import plain_path
from fat_tf.inference.exported_model import GRAPH, SETTINGS, graph_sha256, picture_names
from fat_tf.inference.run_models import Models
from fat_tf.parts import sources

LABELS = "labels.txt"


def write_saved_model(folder: Path, graph: TaggingGraph) -> None:
    """Write the graph and its weights; the signatures are `serving_default`, `waveform` and `log_mel`.

    Raises:
        OSError: it cannot be written.
    """
    archive = keras.export.ExportArchive()
    for name, (function, inputs) in _endpoints(graph).items():
        archive.add_endpoint(name, function, inputs)
    try:
        with plain_path(folder) as path:
            archive.write_out(path, verbose=False)
    except tf.errors.OpError as error:  # TensorFlow's own file system does not raise OSError
        raise OSError(error.message) from error


def _endpoints(graph: TaggingGraph) -> dict:
    """Function and inputs of each signature."""
    return {
        "serving_default": (graph.of_wav, [tf.TensorSpec([None], tf.string, "wav_bytes")]),
        "waveform": (
            graph.of_waveform,
            [tf.TensorSpec([None, None], tf.float32, "waveform"), tf.TensorSpec([None], tf.int32, "lengths")],
        ),
        "log_mel": (graph.of_log_mel, _picture_inputs([group.front_end for group in graph.groups])),
    }


def _picture_inputs(front_ends: Sequence[FrontEnd]) -> list[tf.TensorSpec]:
    """`log_mel`; with several front ends `log_mel_2` and so on."""
    shapes = [front_end.picture_shape for front_end in front_ends]
    return [
        tf.TensorSpec([None, mels, None, channels], tf.float32, name)
        for name, (mels, _, channels) in zip(picture_names(len(shapes)), shapes, strict=True)
    ]


def write_settings(folder: Path, models: Models, policy: str, windows: int) -> None:
    """Write labels.txt and model.json: what a program must know to use the model."""
    front_end = models.groups[0].front_end
    about = {
        "labels": list(models.vocabulary),
        "sample_rate": front_end.sample_rate,
        "window_seconds": front_end.window_seconds,
        "windows": windows,
        "models": len(models.files),
        "precision": policy,
    }
    front_ends = [group.front_end for group in models.groups]
    if not sources([type(front_end.spectrogram).__module__ for front_end in front_ends]):  # none of a person's own
        about["front_ends"] = [front_end.get_config() for front_end in front_ends]
    if (folder / GRAPH).is_file():
        about["graph_sha256"] = graph_sha256(folder)
    (folder / LABELS).write_text("".join(f"{label}\n" for label in models.vocabulary), "utf-8")
    (folder / SETTINGS).write_text(json.dumps(about, indent=1) + "\n", "utf-8")


def warmup_requests(models: Models) -> dict[str, dict[str, np.ndarray | list[bytes]]]:
    """A small request for each signature: a window of silence, and pictures of it."""
    front_ends = [group.front_end for group in models.groups]
    rate, samples = front_ends[0].sample_rate, front_ends[0].window_samples
    names, shapes = [spec.name for spec in _picture_inputs(front_ends)], [f.picture_shape for f in front_ends]
    return {
        "serving_default": {"wav_bytes": [encoded(np.zeros(samples), rate)]},
        "waveform": {"waveform": np.zeros((1, samples), np.float32), "lengths": np.array([samples], np.int32)},
        "log_mel": {name: np.zeros((1, *shape), np.float32) for name, shape in zip(names, shapes, strict=True)},
    }
