"""Log-mel pictures of whole clips, computed from their files."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import tensorflow as tf

from fat_tf.audio import FrontEnd
from fat_tf.audio.decode import LONG_SECONDS, DecodeError, is_too_long, obstacle
from fat_tf.audio.long_picture import draw_long
from fat_tf.data.parallel import THREADS, one_thread_a_call, without_autotuning
from fat_tf.notices import progress_bar
from fat_tf.storage.urls import named

GPU_BATCH = 16  # clips
AT_ONCE = 1 << 16  # frames whose sums are taken at once
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
        parts = (self.picture[i : i + AT_ONCE].astype(np.float64) for i in range(0, len(self.picture), AT_ONCE))
        sums = np.sum([(part.sum(), np.square(part).sum()) for part in parts], axis=0)
        values = (file_key(self.path), self.path, self.samples, len(self.picture), *sums)
        return dict(zip(INDEX_COLUMNS, values, strict=True))


def file_key(path: str) -> str:
    """Identity of a file's contents without reading it: place, size and time of change, the same in all mirrors."""
    stat = os.stat(path)
    text = f"{named(path)}\0{stat.st_size}\0{stat.st_mtime_ns}"
    return hashlib.sha256(os.fsencode(text)).hexdigest()[:32]


def compute_features(paths: list[str], front_end: FrontEnd) -> Iterator[ClipFeatures]:
    """The clips' features in any order, with a progress bar. On the GPU where there is one."""
    by_size = sorted(paths, key=os.path.getsize)  # clips of a batch are about equally long: little padding
    obstacles = {path: obstacle(path) for path in by_size}
    with progress_bar(total=len(paths), desc="Computing log-mels", unit="clip") as progress:
        for clip in _in_turn(obstacles, front_end):
            yield clip
            progress.update()


def _in_turn(obstacles: Mapping[str, str], front_end: FrontEnd) -> Iterator[ClipFeatures]:
    """The clips that a graph draws, a few at a time; then the long ones, one by one."""
    drawn = _drawn_in_batches if tf.config.list_physical_devices("GPU") else _drawn_one_by_one
    closed = {path: reason for path, reason in obstacles.items() if reason}
    for samples, picture, error, path in drawn([path for path in obstacles if path not in closed], front_end):
        if error:
            closed[os.fsdecode(path)] = error.decode()
        else:
            frames = 1 + samples // front_end.hop_length
            stored = picture[:frames].reshape(frames, front_end.frame_values)
            yield ClipFeatures(os.fsdecode(path), int(samples), stored, "")
    for path, reason in closed.items():
        yield _by_blocks(path, front_end) if is_too_long(reason) else _without_picture(path, reason, front_end)


def _by_blocks(path: str, front_end: FrontEnd) -> ClipFeatures:
    """A long clip."""
    try:
        samples, picture = draw_long(path, front_end)
    except (DecodeError, OSError) as error:
        return _without_picture(path, str(error), front_end)
    stored = picture.transpose(1, 0, 2).astype(np.float16).reshape(picture.shape[1], front_end.frame_values)
    return ClipFeatures(path, samples, stored, "")


def _without_picture(path: str, error: str, front_end: FrontEnd) -> ClipFeatures:
    return ClipFeatures(path, 0, np.zeros((0, front_end.frame_values), np.float16), error)


def _drawn_one_by_one(paths: list[str], front_end: FrontEnd) -> Iterator[tuple]:
    """(samples, picture (frames, mels, channels) float16, error, path) of each clip, each on a thread of its own."""

    def draw(path):
        waveform, error = _load(path, front_end)
        return tf.size(waveform), _stored(front_end(waveform[None]))[0], error, path

    clips = tf.data.Dataset.from_tensor_slices(tf.constant([os.fsencode(path) for path in paths], tf.string)).map(
        draw, THREADS
    )
    return one_thread_a_call(clips.prefetch(2)).as_numpy_iterator()


def _drawn_in_batches(paths: list[str], front_end: FrontEnd) -> Iterator[tuple]:
    """The same by batches outside of tf.data, which runs on the CPU."""

    def load(path):
        waveform, error = _load(path, front_end)
        return waveform, tf.size(waveform), error, path

    @tf.function(reduce_retracing=True)
    def draw(waveforms, samples, errors, names):
        return samples, _stored(front_end(waveforms, lengths=samples)), errors, names

    clips = tf.data.Dataset.from_tensor_slices(tf.constant([os.fsencode(path) for path in paths], tf.string)).map(
        load, THREADS
    )
    for batch in without_autotuning(clips.padded_batch(GPU_BATCH).prefetch(2)):
        yield from zip(*(values.numpy() for values in draw(*batch)), strict=True)


def _load(path: tf.Tensor, front_end: FrontEnd) -> tuple[tf.Tensor, tf.Tensor]:
    """(waveform, error); of a file that cannot be decoded one sample, for a picture needs some."""
    waveform, error = front_end.load(path, LONG_SECONDS)
    return tf.pad(waveform, [[0, tf.cast(tf.size(waveform) == 0, tf.int32)]]), error


def _stored(pictures: tf.Tensor) -> tf.Tensor:
    """Pictures as they are stored: frame by frame, float16."""
    return tf.cast(tf.transpose(pictures, [0, 2, 1, 3]), tf.float16)


def scan(paths: list[str], front_end: FrontEnd) -> tuple[pd.DataFrame, dict[str, str]]:
    """Decode every file without keeping a picture: (index of the good ones, error of each bad path)."""
    rows, bad = [], {}
    for clip in compute_features(paths, front_end):
        if clip.error:
            bad[clip.path] = clip.error
        else:
            rows.append(clip.index_row())
    return pd.DataFrame(rows, columns=INDEX_COLUMNS), bad
