"""The bytes of a file to samples, by the decoder that reads them rightly."""

from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import chain
from typing import BinaryIO

import numpy as np
import soundfile as sf

from fat_tf.audio.channels import MixDown
from fat_tf.audio.decode.by_ffmpeg import has_ffmpeg, read_by_ffmpeg
from fat_tf.audio.decode.by_soundfile import read_by_soundfile
from fat_tf.audio.decode.chunks import GRAMMARS
from fat_tf.audio.decode.flac import flac_parts
from fat_tf.audio.decode.kinds import HEAD, SOUNDS, UNREADABLE, named, refuse_what_is_no_sound
from fat_tf.audio.decode.limits import FASTEST, LOUDEST, SHORTEST, SLOWEST
from fat_tf.audio.decode.mpeg import mpeg_parts
from fat_tf.audio.decode.mpeg_header import header_of
from fat_tf.audio.decode.mpeg_tags import end_of_tags
from fat_tf.audio.decode.ogg import ogg_parts
from fat_tf.audio.decode.part import Decoded, DecodeError, Part
from fat_tf.audio.decode.resample import resampled
from fat_tf.audio.decode.spliced import Buffered, Spliced
from fat_tf.audio.decode.wav import chunked_parts
from fat_tf.program import install_line

MISREAD = b"Creative Voice File"  # by libsndfile, which takes the headers of its blocks for sound


def open_sound(file: BinaryIO) -> Decoded:
    """All the sounds of a file, one after the other, at the rate of the first.

    Raises:
        DecodeError: why there is none; also from the blocks.
    """
    first, others = _first_and_others(file)
    if not SLOWEST <= first.rate <= FASTEST:
        raise DecodeError(f"a sample rate of {first.rate} Hz")
    return Decoded(first.rate, _checked(chain(first.blocks, _joined(others, first.rate))))


def mono_blocks(sound: Decoded, mix: MixDown) -> Iterator[np.ndarray]:
    """Blocks (samples,) float32."""
    with closing(sound.blocks):
        for block in sound.blocks:
            yield mix(block)


def _first_and_others(file: BinaryIO) -> tuple[Decoded, list[Part]]:
    """The first sound of a file, opened, and those that were joined to it."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(HEAD)
    reason = ""
    if not head.startswith(MISREAD):
        try:
            first, *others = _parts(file, head)
            return read_by_soundfile(first), others
        except sf.LibsndfileError as error:
            reason = (error.error_string or "damaged").rstrip(". ")
    if parts := _hidden_mpeg(file, head, size):
        with suppress(sf.LibsndfileError):
            return read_by_soundfile(parts[0]), parts[1:]
    refuse_what_is_no_sound(head, size)
    if has_ffmpeg():
        return read_by_ffmpeg(file), []
    name = named(head)
    if name and not head.startswith(SOUNDS):
        raise DecodeError(f"{UNREADABLE}: {name} needs the extra formats: {install_line('formats')}")
    what = f"damaged, or {name or 'a format'} that needs the extra formats, {install_line('formats')}"
    raise DecodeError(f"{UNREADABLE}: {what} (libsndfile: {reason})")


def _parts(file: BinaryIO, head: bytes) -> list[Part]:
    """The sounds of a file as libsndfile reads them rightly."""
    kind = head[:4]
    if kind in GRAMMARS:
        return chunked_parts(file, kind)
    if kind == b"fLaC":
        return flac_parts(file)
    if kind == b"OggS":
        return ogg_parts(file)
    if start := end_of_tags(source := Buffered(file), 0):
        rest = Spliced((file, start, source.size - start))
        return _parts(rest, source.at(start, HEAD)) if start < source.size else [Part(file)]
    return (mpeg_parts(file) if header_of(int.from_bytes(kind, "big")) else []) or [Part(file)]


def _hidden_mpeg(file: BinaryIO, head: bytes, size: int) -> list[Part]:
    """MPEG audio behind rubbish, in a file that nothing else reads."""
    return [] if not size or named(head) else mpeg_parts(file)


def _joined(parts: list[Part], rate: int) -> Iterator[np.ndarray]:
    """The blocks of sounds behind the first one, at its rate."""
    for number, part in enumerate(parts, start=2):
        try:
            sound = read_by_soundfile(part)
        except sf.LibsndfileError as reason:
            what = (reason.error_string or "").rstrip(". ")
            raise DecodeError(f"damaged: the {number}. of {1 + len(parts)} joined sounds ({what})") from reason
        yield from sound.blocks if sound.rate == rate else resampled(sound.blocks, sound.rate, rate)


def _checked(blocks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """The blocks, if they are sound."""
    read = 0
    for block in blocks:
        if not (block.min(initial=0) >= -LOUDEST and block.max(initial=0) <= LOUDEST):  # also if some are not numbers
            raise DecodeError("samples that are not finite, or beyond a billion")
        read += len(block)
        yield block
    if read < SHORTEST:
        raise DecodeError("one sample only" if read else "no samples")
