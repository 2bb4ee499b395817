"""What a tagger hears in a sound file: its tags, and how they change over time."""

import math
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import gin
import numpy as np

from fat_tf.audio.decode import is_too_long, load_audio
from fat_tf.errors import UserError
from fat_tf.inference.tagger import Tagger

SHORTEST = 0.01  # seconds: a hop below a sample is none


@gin.register
@dataclass(frozen=True)
class TagTrack:
    """How close the windows of a sound lie.

    Args:
        shortest_hop: seconds from one window to the next; in a long sound they lie farther apart.
        most_windows: of a sound.

    Raises:
        UserError: hardly any time between them, or fewer than two windows.
    """

    shortest_hop: float = 0.25
    most_windows: int = 40

    def __post_init__(self):
        if not SHORTEST <= self.shortest_hop < math.inf or self.most_windows < 2:
            raise UserError(
                f"TagTrack wants a hop of {SHORTEST} seconds or more and two windows or more, not "
                f"shortest_hop = {self.shortest_hop} and most_windows = {self.most_windows}"
            )

    def hop(self, seconds: float, window_seconds: float) -> float:
        """Seconds from one window to the next, in a sound of this length."""
        return max(self.shortest_hop, (seconds - window_seconds) / (self.most_windows - 1))


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


def tag_over_time(tagger: Tagger, file: str | PathLike, max_seconds: float, tag_track: TagTrack) -> TaggedSound:
    """Tag a sound file as a whole and window by window.

    Args:
        tagger: gives the tags.
        file: in any format that is read.
        max_seconds: longest sound.
        tag_track: how close the windows lie.

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
    centres, track = _over_time(tagger, samples, tag_track)
    return TaggedSound(samples, tagger.sample_rate, tagger.labels, scores, tagger.window_seconds, centres, track)


def _over_time(tagger: Tagger, samples: np.ndarray, tag_track: TagTrack) -> tuple[np.ndarray, np.ndarray]:
    """(centres, track)."""
    hop = tag_track.hop(len(samples) / tagger.sample_rate, tagger.window_seconds)
    stream = tagger.tag_stream([samples], tagger.sample_rate, hop_seconds=hop, top=len(tagger.labels))
    starts, tags = zip(*stream, strict=True)
    track = [[dict(of_window)[label] for label in tagger.labels] for of_window in tags]
    return np.array(starts) + tagger.window_seconds / 2, np.array(track)
