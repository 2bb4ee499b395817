"""Sounds by soundfile (libsndfile), read by blocks and held against what is promised."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import soundfile as sf

from fat_tf.audio.decode.part import Decoded, DecodeError, Part
from fat_tf.audio.decode.quiet import quiet_c_library
from fat_tf.audio.decode.spliced import LenientBytes, Spliced
from fat_tf.audio.wav_header import UNKNOWN_LENGTHS

IN_MEMORY = 1 << 24  # bytes of a file that are read at once: mpg123 asks for a few at a time
BLOCK_FRAMES = 1 << 18  # read by blocks: a header that claims gigabytes then costs nothing
CLAIMED_LENGTH = re.compile(r"(?:data|SSND)\s*:\s*(\d+) \(should be (\d+)\)")  # libsndfile's log


def read_by_soundfile(part: Part) -> Decoded:
    """Open a sound that libsndfile reads.

    Raises:
        sf.LibsndfileError: it does not.
    """
    size = part.file.seek(0, io.SEEK_END)
    part.file.seek(0)
    with quiet_c_library():
        file = sf.SoundFile(LenientBytes(part.file.read()) if size <= IN_MEMORY else Spliced((part.file, 0, size)))
    return Decoded(file.samplerate, _blocks(file, part))


def _blocks(file: sf.SoundFile, part: Part) -> Iterator[np.ndarray]:
    read = 0
    with file:
        try:
            while len(block := _block(file)):
                read += len(block)
                yield block * part.gain if part.gain != 1 else block
        except sf.LibsndfileError as reason:
            what = reason.error_string.removeprefix("Error : ").rstrip(". ")
            raise DecodeError(f"damaged or cut short after {read} samples ({what})") from reason
        if read < (promised := part.frames or _promised_frames(file, read)):
            raise DecodeError(f"cut short: {read} of {promised} samples")


def _block(file: sf.SoundFile) -> np.ndarray:
    with quiet_c_library():
        return file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)


def _promised_frames(file: sf.SoundFile, read: int) -> int:
    """Frames that the header promises; for a cut WAV or AIFF libsndfile tells it in its log alone."""
    claim = CLAIMED_LENGTH.search(file.extra_info)
    if not claim or int(claim[1]) >= UNKNOWN_LENGTHS:
        return file.frames
    claimed, there = map(int, claim.groups())
    return file.frames if claimed <= there else max(file.frames, read * claimed // max(there, 1), read + 1)


def encoded(samples: np.ndarray, rate: int, form: str = "WAV", subtype: str = "PCM_16", **quality) -> bytes:
    """A sound file.

    Args:
        samples: (samples,) or (samples, channels) float in [-1, 1].
        rate: Hz.
        form, subtype: as libsndfile names them.
        quality: `bitrate_mode` and `compression_level` of soundfile.
    """
    file = io.BytesIO()
    sf.write(file, samples, rate, format=form, subtype=subtype, **quality)
    return file.getvalue()


@dataclass(frozen=True)
class Described:
    """What a file's header says. rate: Hz. form: as libsndfile names formats, like WAV PCM_16."""

    rate: int
    channels: int
    seconds: float
    form: str


def described(path: str) -> Described | None:
    """What the header of a file says, be it true or not; None where libsndfile does not know it."""
    try:
        with quiet_c_library():
            info = sf.info(path)
    except (sf.LibsndfileError, OSError, ValueError):
        return None
    return Described(info.samplerate, info.channels, info.duration, f"{info.format} {info.subtype}")
