"""Sounds by FFmpeg, of the extra `formats`: AAC, WMA, AMR, Speex, WavPack, sound tracks of films, and so on."""

import importlib.util
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from fat_tf.audio.decode.kinds import UNREADABLE
from fat_tf.audio.decode.part import Decoded, DecodeError

if TYPE_CHECKING:
    import av

BLOCK_SAMPLES = 1 << 16
GUESSING = {"aac", "mp3", "amr", "ac3", "eac3", "dts"}  # formats without a length, for which FFmpeg takes the bit rate
MICROSECONDS = 1e6  # in a second
SLACK = 0.1  # seconds that a container's length may be off: times are rounded, encoders pad


def has_ffmpeg() -> bool:
    """Whether PyAV is installed."""
    return importlib.util.find_spec("av") is not None


def read_by_ffmpeg(file: BinaryIO) -> Decoded:
    """Open the first sound track of a file.

    Raises:
        DecodeError: FFmpeg reads no sound in it.
    """
    import av  # takes 0.1 s, and is not everywhere

    file.seek(0)
    try:
        container = av.open(file, metadata_errors="ignore")
        if not container.streams.audio:
            raise DecodeError(f"{UNREADABLE}: {container.format.long_name} without a sound track")
        frames = _frames(av.AudioResampler(format="fltp"), container)
        first = next(frames, None)
    except (av.FFmpegError, OSError, ValueError) as reason:
        raise DecodeError(f"{UNREADABLE}: damaged, or nothing that FFmpeg reads ({_words(reason)})") from reason
    if first is None:
        raise DecodeError("no samples")
    return Decoded(first.sample_rate, _blocks(container, chain([first], frames), first.sample_rate))


def _frames(resampler: "av.AudioResampler", container: "av.container.InputContainer") -> Iterator["av.AudioFrame"]:
    """Frames of the first sound track, of floats."""
    with container:
        for frame in container.decode(container.streams.audio[0]):
            yield from resampler.resample(frame)


def _blocks(
    container: "av.container.InputContainer", frames: Iterator["av.AudioFrame"], rate: int
) -> Iterator[np.ndarray]:
    """The frames' samples, in larger blocks, as many as the container tells."""
    import av

    promised, read = _promised_seconds(container), 0
    try:
        for block in _gathered(frame.to_ndarray().T for frame in frames):
            read += len(block)
            yield block
    except (av.FFmpegError, ValueError) as reason:
        raise DecodeError(f"damaged or cut short after {read / rate:.2f} s ({_words(reason)})") from reason
    if read / rate < promised - SLACK:
        raise DecodeError(f"cut short: {read / rate:.2f} of {promised:.2f} s")


def _gathered(parts: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """Parts of about 20 ms each, many at a time."""
    held, samples = [], 0
    for part in parts:
        held.append(part)
        samples += len(part)
        if samples >= BLOCK_SAMPLES:
            yield np.concatenate(held)
            held, samples = [], 0
    if held:
        yield np.concatenate(held)


def _promised_seconds(container: "av.container.InputContainer") -> float:
    """The length that the container tells; 0 where it tells none."""
    if GUESSING & set(container.format.name.split(",")):
        return 0.0
    stream = container.streams.audio[0]
    if stream.duration is not None:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / MICROSECONDS if len(container.streams) == 1 else 0.0  # not that of a film


def _words(reason: Exception) -> str:
    return getattr(reason, "strerror", None) or str(reason)
