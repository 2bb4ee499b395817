"""Log-mel pictures of whole clips, computed from their files in batches."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import tensorflow as tf
from tqdm import tqdm

from fat_tf.audio import FrontEnd
from fat_tf.audio.decode import why_unreadable
from fat_tf.data.parallel import THREADS, without_autotuning

BATCH = 4  # clips; larger ones leave the processor's cache
INDEX_COLUMNS = ["key", "path", "samples", "frames", "total", "total_of_squares"]


@dataclass(frozen=True)
class ClipFeatures:
    """A clip's picture, (frames, mels * channels) float16 dB, as it is stored; `error` where there is none."""

    path: str
    samples: int
    picture: np.ndarray
    error: str

    def index_row(self) -> dict[str, object]:
        """What is worth knowing without the picture: its length, and sums for a mean and deviation (dB)."""
        exact = self.picture.astype(np.float64)
        sums = (exact.sum(), np.square(exact).sum())
        return dict(zip(INDEX_COLUMNS, (file_key(self.path), self.path, self.samples, len(exact), *sums), strict=True))


def file_key(path: str) -> str:
    """Identity of a file's contents without reading it: place, size and time of change."""
    stat = os.stat(path)
    text = f"{os.path.abspath(path)}\0{stat.st_size}\0{stat.st_mtime_ns}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def compute_features(paths: list[str], front_end: FrontEnd) -> Iterator[ClipFeatures]:
    """The clips' features in any order, with a progress bar. On the GPU where there is one."""
    by_size = sorted(paths, key=os.path.getsize)  # clips of a batch are about equally long: little padding
    closed = {path: reason for path in by_size if (reason := why_unreadable(path))}
    yield from (ClipFeatures(path, 0, _nothing(front_end), reason) for path, reason in closed.items())
    opened = [path for path in by_size if path not in closed]
    with tqdm(total=len(opened), desc="Computing log-mels", unit="clip", disable=None) as progress:
        for samples, pictures, errors, names in _batches(opened, front_end):
            for length, picture, error, name in zip(samples, pictures, errors, names, strict=True):
                frames = 0 if error else 1 + length // front_end.hop_length
                stored = picture[:, :frames].transpose(1, 0, 2).reshape(frames, front_end.frame_values)
                stored = stored.astype(np.float16)
                yield ClipFeatures(name.decode(), int(length), stored, error.decode())
                progress.update()


def _nothing(front_end: FrontEnd) -> np.ndarray:
    return np.zeros((0, front_end.frame_values), np.float16)


def _batches(paths: list[str], front_end: FrontEnd) -> Iterator[tuple[np.ndarray, ...]]:
    """(samples, pictures, errors, paths) of each batch, as arrays."""

    def load(path):
        waveform, error = front_end.load(path)
        return waveform, tf.size(waveform), error, path

    def draw(waveforms, samples, errors, names):
        return samples, front_end(waveforms, lengths=tf.maximum(samples, 1)), errors, names

    clips = tf.data.Dataset.from_tensor_slices(tf.constant(paths, tf.string)).map(load, THREADS)
    clips = clips.map(
        lambda waveform, *rest: (tf.pad(waveform, [[0, tf.cast(tf.size(waveform) == 0, tf.int32)]]), *rest)
    )
    batches = clips.padded_batch(BATCH)
    if tf.config.list_physical_devices("GPU"):  # tf.data runs on the CPU: the pictures are drawn outside of it
        on_device = tf.function(draw, reduce_retracing=True)
        return (tuple(t.numpy() for t in on_device(*batch)) for batch in without_autotuning(batches.prefetch(2)))
    return without_autotuning(batches.map(draw, THREADS).prefetch(2)).as_numpy_iterator()


def scan(paths: list[str], front_end: FrontEnd) -> tuple[pd.DataFrame, dict[str, str]]:
    """Decode every file without keeping a picture: (index of the good ones, error of each bad path)."""
    rows, bad = [], {}
    for clip in compute_features(paths, front_end):
        if clip.error:
            bad[clip.path] = clip.error
        else:
            rows.append(clip.index_row())
    return pd.DataFrame(rows, columns=INDEX_COLUMNS), bad
