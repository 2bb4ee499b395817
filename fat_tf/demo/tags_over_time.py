"""What a tagger hears in a sound file: its tags, and how they change over time."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from fat_tf.audio.decode import is_too_long, load_audio
from fat_tf.errors import UserError
from fat_tf.inference.tagger import Tagger

SHORTEST_HOP, MOST_WINDOWS = 0.25, 40  # seconds; windows of a sound


@dataclass(frozen=True)
class TaggedSound:
    """A sound and its tags.

    samples: (samples,) float32. sample_rate: Hz. labels: of the classes. scores: (classes,) of the whole sound.
    window_seconds: of what the models see at once. centres: (windows,) seconds. track: (windows, classes), scores of
    each window.
    """

    samples: np.ndarray
    sample_rate: int
    labels: tuple[str, ...]
    scores: np.ndarray
    window_seconds: float
    centres: np.ndarray
    track: np.ndarray

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return len(self.samples) / self.sample_rate


def tag_over_time(tagger: Tagger, file: str | PathLike, max_seconds: float) -> TaggedSound:
    """Tag a sound file as a whole and window by window.

    Raises:
        UserError: it cannot be read, or is longer than `max_seconds`.
    """
    name = Path(file).name
    samples, error = (tensor.numpy() for tensor in load_audio(str(file), tagger.sample_rate, max_seconds))
    if is_too_long(error):
        raise UserError(f"{name} is {error.decode()}: cut it, or start the page with a larger --max_seconds")
    if error:
        raise UserError(f"{name} cannot be read: {error.decode().rstrip('.')}. Try WAV, FLAC, Ogg Vorbis, MP3 or AIFF")
    scores = tagger.scores(samples, tagger.sample_rate)
    centres, track = _over_time(tagger, samples)
    return TaggedSound(samples, tagger.sample_rate, tagger.labels, scores, tagger.window_seconds, centres, track)


def _over_time(tagger: Tagger, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(centres, track); the windows of a long sound lie farther apart."""
    seconds = len(samples) / tagger.sample_rate
    hop = max(SHORTEST_HOP, (seconds - tagger.window_seconds) / MOST_WINDOWS)
    stream = tagger.tag_stream([samples], tagger.sample_rate, hop_seconds=hop, top=len(tagger.labels))
    starts, tags = zip(*stream, strict=True)
    track = [[dict(of_window)[label] for label in tagger.labels] for of_window in tags]
    return np.array(starts) + tagger.window_seconds / 2, np.array(track)
