"""Sound files to samples or whole pictures, decoded once for all models and windows, a few at a time."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from fat_tf.audio import FrontEnd, load_audio
from fat_tf.audio.decode import LONG_SECONDS, LONGER, DecodeError, obstacle
from fat_tf.audio.long_picture import draw_long
from fat_tf.data.parallel import THREADS, without_autotuning
from fat_tf.inference.clip_list import Clip

AHEAD = 4  # clips that are ready before a model asks for them


@dataclass(frozen=True)
class ClipPictures:
    """A clip's picture by each front end, (mels, frames, channels) float32 dB; none where there is an error."""

    clip: Clip
    pictures: tuple[np.ndarray, ...]
    error: str


def stream_pictures(clips: Sequence[Clip], front_ends: Sequence[FrontEnd]) -> Iterator[ClipPictures]:
    """The clips' pictures in their order; memory does not grow with their number."""

    def draw(path, closed):
        return [tf.cond(closed == "", lambda f=f: _draw(path, f), lambda f=f: _nothing(closed, f)) for f in front_ends]

    for clip, of_clip in _stream(clips, lambda path, closed: tuple(draw(path, closed))):
        error = of_clip[0][1].decode()
        if error.startswith(LONGER):
            yield _by_blocks(clip, front_ends)
        else:
            yield ClipPictures(clip, tuple(picture for picture, _ in of_clip), error)


def _by_blocks(clip: Clip, front_ends: Sequence[FrontEnd]) -> ClipPictures:
    """A long clip in its turn, so that the picture of no other one is in memory."""
    try:
        return ClipPictures(clip, tuple(draw_long(clip.path, front_end)[1] for front_end in front_ends), "")
    except (DecodeError, OSError) as error:
        return ClipPictures(clip, tuple(np.zeros((0, 0, 0), np.float32) for _ in front_ends), str(error))


def stream_sounds(clips: Sequence[Clip], sample_rate: int) -> Iterator[tuple[Clip, np.ndarray, str]]:
    """The clips' (clip, samples float32 (samples,) at a rate in Hz, error) in their order; no samples of long ones."""

    def load(path, closed):
        def whole():
            return load_audio(path, sample_rate, LONG_SECONDS)

        return tf.cond(closed == "", whole, lambda: (tf.zeros([0]), closed))

    for clip, (samples, error) in _stream(clips, load):
        yield clip, samples, error.decode()


def _stream(clips: Sequence[Clip], load: Callable) -> Iterator[tuple[Clip, tuple]]:
    """What `load` makes in the graph of each clip's path, and of why it cannot be opened or an empty text."""

    def opened():
        return ((os.fsencode(clip.path), obstacle(clip.path)) for clip in clips)

    texts = tf.TensorSpec([], tf.string)
    files = tf.data.Dataset.from_generator(opened, output_signature=(texts, texts))
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
