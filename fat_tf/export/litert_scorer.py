"""Scores by a LiteRT file, as a program on a phone would get them."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from fat_tf.audio import FrontEnd
from fat_tf.audio.decode import DecodeError, LongSound, is_too_long
from fat_tf.data.parallel import THREADS
from fat_tf.data.windows import regular_starts
from fat_tf.inference.clip_list import Clip
from fat_tf.inference.clip_pictures import SoundStream
from fat_tf.inference.predictor import ClipScore
from fat_tf.inference.run_models import Models
from fat_tf.inference.window_scoring import weighted_sigmoids

BATCH = 8  # windows


class LiteRTScorer:
    """Scores clips: the mean over windows cut from the sound, where `Predictor` cuts them from the picture.

    Args:
        file: of `write_litert`.
        front_end: trims and pads.
        windows: of a clip, spread evenly; a clip that is no longer than one has one.
        threads: None for one a core. They wait for each other without rest: where other work takes turns with them,
            one alone can be ten times as fast.
    """

    def __init__(self, file: Path, front_end: FrontEnd, windows: int, threads: int | None = None):
        self._front_end, self._windows = front_end, windows
        self._load = SoundStream(front_end.sample_rate)
        threads = threads or THREADS
        self._interpreter = tf.lite.Interpreter(model_content=file.read_bytes(), num_threads=threads)
        (self._input,), (self._output,) = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self._allocate((BATCH, *self._input["shape"][1:]))  # with 8-bit weights LiteRT crashes where a batch grows

    def __call__(self, clips: Sequence[Clip]) -> Iterator[ClipScore]:
        """Scores of the clips in their order."""
        for clip, samples, error in self._load(clips):
            if is_too_long(error):
                samples, error = self._whole(clip)
            yield ClipScore(clip, None if error else self.score(self.cut(samples)).mean(axis=0), error)

    def _whole(self, clip: Clip) -> tuple[np.ndarray, str]:
        """(samples, error) of a long clip."""
        try:
            return LongSound(clip.path, self._front_end.sample_rate).samples(), ""
        except (DecodeError, OSError) as error:
            return np.zeros(0, np.float32), str(error)

    def cut(self, samples: np.ndarray) -> np.ndarray:
        """Windows (windows, window samples) of a clip (samples,)."""
        prepared, window = self._front_end.prepare(samples).numpy(), self._front_end.window_samples
        return np.stack([prepared[s : s + window] for s in regular_starts(len(prepared), window, self._windows)])

    def score(self, windows: np.ndarray) -> np.ndarray:
        """Scores (windows, classes) float64."""
        batches = np.split(windows, range(BATCH, len(windows), BATCH))
        return np.concatenate([self._score_batch(batch) for batch in batches]).astype(np.float64)

    def _score_batch(self, windows: np.ndarray) -> np.ndarray:
        if tuple(self._interpreter.get_input_details()[0]["shape"]) != windows.shape:
            self._allocate(windows.shape)
        self._interpreter.set_tensor(self._input["index"], windows)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output["index"])

    def _allocate(self, shape: Sequence[int]) -> None:
        self._interpreter.resize_tensor_input(self._input["index"], shape)
        self._interpreter.allocate_tensors()


def describe(file: Path, scorer: LiteRTScorer, windows: np.ndarray, models: Models) -> str:
    """Size, speed, and how much the scores of windows (windows, window samples) differ from the models', in words."""
    difference = np.abs(scorer.score(windows) - _scores(models, windows))
    began = time.perf_counter()
    scorer.score(windows)
    speed = len(windows) / (time.perf_counter() - began)
    return (
        f"{file.name}: {file.stat().st_size / 1e6:.1f} MB, {speed:.1f} windows/s here; scores of {len(windows)} test "
        f"windows differ from the runs' by {difference.mean():.4f} in the mean, {difference.max():.4f} at most"
    )


def _scores(models: Models, windows: np.ndarray) -> np.ndarray:
    """Scores (windows, classes) float64 by the models themselves."""
    scores = 0
    for group in models.groups:
        pictures = group.front_end(windows)
        scores += weighted_sigmoids([network(pictures, training=False) for network in group.networks], group.weights)
    return scores.numpy()
