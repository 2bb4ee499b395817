"""A long sound as a picture, or a window of it: read twice, so that no more of it is in memory than a block."""

from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path

import numpy as np

from fat_tf.audio.decode import LongSound
from fat_tf.audio.front_end import FrontEnd
from fat_tf.audio.trim import SilenceMeter
from fat_tf.notices import progress_bar


def draw_long(path: str | PathLike, front_end: FrontEnd) -> tuple[int, np.ndarray]:
    """What `FrontEnd.load` and a call give of a file, in memory for its picture and little more.

    A front end of one's own that cannot `draw_blocks` gets all samples at once.

    Returns:
        (samples, trimmed; picture (mels, frames, channels) float32 dB).

    Raises:
        DecodeError: the file gives no samples.
        OSError: it cannot be opened.
    """
    sound = LongSound(path, front_end.sample_rate)
    start, stop = _loud_part(sound, front_end, Path(path).name)
    samples = stop - start
    part = _between(_shown(sound, front_end, Path(path).name, "Drawing"), start, stop)
    little = max(front_end.window_samples, front_end.sample_rate)  # a window, and more than the reach of a frame
    if samples > little and hasattr(front_end.spectrogram, "draw_blocks"):
        return samples, front_end.spectrogram.draw_blocks(part, samples)
    waveform = front_end.pad(np.concatenate([np.zeros(0, np.float32), *part]))
    return len(waveform), front_end(waveform[None])[0].numpy()


def long_window(path: str | PathLike, front_end: FrontEnd, first: int) -> np.ndarray:
    """A window's samples (window samples,) float32 of a long file, from the `first` of the trimmed sound on.

    Raises:
        DecodeError: the file gives no samples.
        OSError: it cannot be opened.
    """
    sound, name = LongSound(path, front_end.sample_rate), Path(path).name
    first += _loud_part(sound, front_end, name)[0]
    blocks = _shown(sound, front_end, name, "Cutting")
    return np.concatenate([*_between(blocks, first, first + front_end.window_samples)])


def _loud_part(sound: LongSound, front_end: FrontEnd, name: str) -> tuple[int, int]:
    """First sample of what is not silence at both ends, and the one after its last."""
    meter = SilenceMeter()
    for block in _shown(sound, front_end, name, "Reading"):
        meter.add(block)
    return _loud_part(sound, front_end, name) if sound.cancelled else meter.loud_part(front_end.trim_db)


def _shown(sound: LongSound, front_end: FrontEnd, name: str, doing: str) -> Iterator[np.ndarray]:
    """The blocks with a progress bar in seconds of sound."""
    with progress_bar(desc=f"{doing} {name}", unit=" s", unit_scale=True, leave=False, delay=5) as progress:
        for block in sound.blocks():
            yield block
            progress.update(len(block) / front_end.sample_rate)


def _between(blocks: Iterable[np.ndarray], start: int, stop: int) -> Iterator[np.ndarray]:
    """The samples from `start` up to `stop`."""
    first = 0
    for block in blocks:
        kept = block[max(start - first, 0) : max(stop - first, 0)]
        if len(kept):
            yield kept
        first += len(block)
