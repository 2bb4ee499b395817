"""Sounds by FFmpeg, of the extra `formats`: AAC, WMA, AMR, Speex, WavPack, sound tracks of films, and so on."""

import importlib.util
from collections.abc import Iterator
from types import ModuleType
from typing import BinaryIO

import numpy as np

from fat_tf.audio.decode.kinds import UNREADABLE
from fat_tf.audio.decode.part import Decoded, DecodeError

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
        frames = _frames(av, container)
        first = next(frames, None)
    except (av.FFmpegError, OSError, ValueError) as reason:
        raise DecodeError(f"{UNREADABLE}: damaged, or nothing that FFmpeg reads ({_words(reason)})") from reason
    if first is None:
        raise DecodeError("no samples")
    return Decoded(first[0], _blocks(container, first, frames))


def _frames(av: ModuleType, container) -> Iterator[tuple[int, np.ndarray]]:
    """(rate in Hz, (samples, channels) float32) of the first sound track, frame by frame."""
    resampler = av.AudioResampler(format="fltp")
    with container:
        for frame in container.decode(container.streams.audio[0]):
            for plain in resampler.resample(frame):
                yield plain.sample_rate, plain.to_ndarray().T.astype(np.float32)


def _blocks(container, first: tuple[int, np.ndarray], others: Iterator[tuple[int, np.ndarray]]) -> Iterator[np.ndarray]:
    import av

    promised, read = _promised_seconds(container), 0
    rate, block = first
    try:
        while True:
            read += len(block)
            yield block
            if (following := next(others, None)) is None:
                break
            block = following[1]
    except (av.FFmpegError, ValueError) as reason:
        raise DecodeError(f"damaged or cut short after {read / rate:.2f} s: {_words(reason)}") from reason
    if read / rate < promised - SLACK:
        raise DecodeError(f"cut short: {read / rate:.2f} of {promised:.2f} s")


def _promised_seconds(container) -> float:
    """The length that the container tells; 0 where it tells none."""
    if GUESSING & set(container.format.name.split(",")):
        return 0.0
    stream = container.streams.audio[0]
    if stream.duration is not None:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / MICROSECONDS if len(container.streams) == 1 else 0.0  # not that of a film


def _words(reason: Exception) -> str:
    return getattr(reason, "strerror", None) or str(reason)
