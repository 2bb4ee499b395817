"""WAV and the other containers of chunks before libsndfile reads them.

What it gets wrong is mended here: unknown lengths, joined files, MPEG inside of WAV, samples of 24 bits at the low end
of 32.
"""

import struct
from typing import BinaryIO, NamedTuple

import numpy as np

from fat_tf.audio.decode.chunks import GRAMMARS, Chunk, chunks_of, end_of, is_of_unknown_length, with_true_length
from fat_tf.audio.decode.mpeg import mpeg_parts
from fat_tf.audio.decode.part import Part
from fat_tf.audio.decode.spliced import AT_ONCE, Buffered, Spliced, piece_of
from fat_tf.audio.wav_header import EXTENSIBLE, MPEG_IN_WAV, PCM

FMT, BITS_PLACE, VALID_BITS_PLACE = b"fmt ", 14, 18  # of a format chunk


class Format(NamedTuple):
    """What a WAV's format chunk says; container and bits of a sample."""

    code: int
    container: int
    bits: int


def chunked_parts(file: BinaryIO, kind: bytes) -> list[Part]:
    """The sounds in a file of chunks; kind: its first four bytes."""
    source, grammar = Buffered(file), GRAMMARS[kind]
    found = chunks_of(source, grammar)
    if (sound := found.get(grammar.sound)) is None:
        return [Part(file)]
    if is_of_unknown_length(source, grammar, sound):
        return chunked_parts(with_true_length(source, grammar, found), kind)
    if kind != b"RIFF":
        return [Part(file)]
    end = end_of(sound, grammar)
    if source.at(end, 4) == kind and source.at(end + 8, 4) == b"WAVE":  # joined files
        others = Spliced((file, end, source.size - end))
        return [*_wav_parts(Buffered(Spliced((file, 0, end))), found, sound), *chunked_parts(others, kind)]
    return _wav_parts(source, found, sound)


def _wav_parts(source: Buffered, found: dict[bytes, Chunk], sound: Chunk) -> list[Part]:
    form = _format(source, found[FMT]) if FMT in found else None
    if form and form.code in MPEG_IN_WAV:
        return mpeg_parts(Spliced((source.file, sound.place, min(sound.claimed, sound.there)))) or [Part(source.file)]
    if form and form.code == PCM and form.bits < form.container == 32 and _is_low(source, sound, form.bits):
        return [_as_whole_words(source, found[FMT], form.bits)]
    return [Part(source.file)]


def _format(source: Buffered, chunk: Chunk) -> Format:
    contents = source.at(chunk.place, min(chunk.claimed, 40)).ljust(40, b"\0")
    code, channels, _, _, align, bits = struct.unpack_from("<HHIIHH", contents)
    if code == EXTENSIBLE:
        bits, code = struct.unpack_from("<H4xH", contents, VALID_BITS_PLACE)
    return Format(code, 8 * align // max(channels, 1), bits)


def _is_low(source: Buffered, sound: Chunk, bits: int) -> bool:
    """Whether samples of `bits` are the low bits of 32: all of them fit, and some use what would be empty otherwise."""
    most, uses_low = 1 << (bits - 1), False
    end = sound.place + min(sound.claimed, sound.there) // 4 * 4
    for place in range(sound.place, end, AT_ONCE):
        values = np.frombuffer(source.at(place, min(AT_ONCE, end - place)), "<i4")
        if (values < -most).any() or (values >= most).any():
            return False
        uses_low = uses_low or bool((values & ((1 << (32 - bits)) - 1)).any())
    return uses_low


def _as_whole_words(source: Buffered, form: Chunk, bits: int) -> Part:
    """The same file as one of 32 bits, and what its samples are to be multiplied with."""
    head = bytearray(source.at(0, form.place + form.claimed))
    struct.pack_into("<H", head, form.place + BITS_PLACE, 32)
    file = Spliced(piece_of(bytes(head)), (source.file, len(head), source.size - len(head)))
    return Part(file, gain=float(1 << (32 - bits)))
