"""Sound files to samples or whole pictures, decoded once for all models and windows, a few at a time."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from fat_tf.audio import FrontEnd, load_audio
from fat_tf.audio.decode import LONG_SECONDS, DecodeError, is_too_long, obstacle
from fat_tf.audio.long_picture import draw_long
from fat_tf.data.parallel import THREADS, without_autotuning
from fat_tf.inference.clip_list import Clip

TEXT = tf.TensorSpec([], tf.string)
AHEAD = 4  # clips that are ready before a model asks for them


@dataclass(frozen=True)
class ClipPictures:
    """A clip's picture by each front end, (mels, frames, channels) float32 dB; none where there is an error."""

    clip: Clip
    pictures: tuple[np.ndarray, ...]
    error: str


class PictureStream:
    """Pictures of clips, in their order; memory does not grow with their number. Kept, so that it is traced once.

    Args:
        front_ends: that draw a picture each.
    """

    def __init__(self, front_ends: Sequence[FrontEnd]):
        self._front_ends = front_ends
        self._load = tf.function(self._draw, [TEXT, TEXT])

    def __call__(self, clips: Sequence[Clip]) -> Iterator[ClipPictures]:
        for clip, of_clip in _stream(clips, self._load):
            error = of_clip[0][1].decode()
            if is_too_long(error):
                yield self._by_blocks(clip)
            else:
                yield ClipPictures(clip, tuple(picture for picture, _ in of_clip), error)

    def _draw(self, path: tf.Tensor, closed: tf.Tensor) -> tuple[tuple[tf.Tensor, tf.Tensor], ...]:
        ways = ((lambda f=f: _draw(path, f), lambda f=f: _nothing(closed, f)) for f in self._front_ends)
        return tuple(tf.cond(closed == "", *way) for way in ways)

    def _by_blocks(self, clip: Clip) -> ClipPictures:
        """A long clip in its turn, so that the picture of no other one is in memory."""
        try:
            return ClipPictures(clip, tuple(draw_long(clip.path, f)[1] for f in self._front_ends), "")
        except (DecodeError, OSError) as error:
            return ClipPictures(clip, tuple(np.zeros((0, 0, 0), np.float32) for _ in self._front_ends), str(error))


class SoundStream:
    """Samples of clips, in their order. Kept, so that it is traced once.

    Args:
        sample_rate: Hz.
    """

    def __init__(self, sample_rate: int):
        self._rate = sample_rate
        self._load = tf.function(self._load_one, [TEXT, TEXT])

    def __call__(self, clips: Sequence[Clip]) -> Iterator[tuple[Clip, np.ndarray, str]]:
        """(clip, samples (samples,) float32, error): no samples of long ones, whose error says so."""
        for clip, (samples, error) in _stream(clips, self._load):
            yield clip, samples, error.decode()

    def _load_one(self, path: tf.Tensor, closed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        def whole():
            return load_audio(path, self._rate, LONG_SECONDS)

        return tf.cond(closed == "", whole, lambda: (tf.zeros([0]), closed))


def _stream(clips: Sequence[Clip], load: Callable) -> Iterator[tuple[Clip, tuple]]:
    """What `load` makes in the graph of each clip's path, and of why it cannot be opened or an empty text."""

    def opened():
        return ((os.fsencode(clip.path), obstacle(clip.path)) for clip in clips)

    if len(clips) == 1:  # a pipeline takes longer to build than a clip to read
        [(path, closed)] = opened()
        loaded = load(tf.constant(path), tf.constant(closed))
        yield clips[0], tf.nest.map_structure(lambda tensor: tensor.numpy(), loaded)
        return
    files = tf.data.Dataset.from_generator(opened, output_signature=(TEXT, TEXT))
    loaded = files.map(load, THREADS, deterministic=True).prefetch(AHEAD)
    yield from zip(clips, without_autotuning(loaded).as_numpy_iterator(), strict=True)


def _draw(path: tf.Tensor, front_end: FrontEnd) -> tuple[tf.Tensor, tf.Tensor]:
    """(picture, error) of a file that can be opened."""
    waveform, error = front_end.load(path, LONG_SECONDS)
    picture = tf.cond(error == "", lambda: front_end(waveform[None])[0], lambda: _nothing(error, front_end)[0])
    return picture, error


def _nothing(error: tf.Tensor, front_end: FrontEnd) -> tuple[tf.Tensor, tf.Tensor]:
    mels, _, channels = front_end.picture_shape
    return tf.zeros((mels, 0, channels)), error
