"""Containers of chunks (WAV, AIFF, W64, CAF): where the samples lie, and how many there are if the header cannot know.

Programs that write to a pipe, or are killed, leave a length of 0 or a very large one. It means "unknown": the samples
go on to the file's end. libsndfile takes it for a promise, so it is shown a header with the true length.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from fat_tf.audio.decode.spliced import Buffered, Spliced, piece_of
from fat_tf.audio.wav_header import UNKNOWN_LENGTHS

MOST_CHUNKS = 1000
W64_DATA = b"data" + bytes.fromhex("f3acd3118cd100c04f8edb8a")


@dataclass(frozen=True)
class Grammar:
    """How a container writes chunks.

    first: place of the first one. header: struct format of a name and a size. whole: a size counts its header. align:
    of the next chunk. sound: name of the chunk with samples. before: bytes in it before them. total: place and struct
    format of the size of all, and what it does not count.
    """

    first: int
    header: str
    sound: bytes
    before: int = 0
    align: int = 2
    whole: bool = False
    total: tuple[int, str, int] | None = (4, "<I", 8)


GRAMMARS = {
    b"RIFF": Grammar(12, "<4sI", b"data"),
    b"RIFX": Grammar(12, ">4sI", b"data", total=(4, ">I", 8)),
    b"RF64": Grammar(12, "<4sI", b"data"),
    b"FORM": Grammar(12, ">4sI", b"SSND", before=8, total=(4, ">I", 8)),
    b"caff": Grammar(8, ">4sQ", b"data", before=4, align=1, total=None),
    b"riff": Grammar(40, "<16sQ", W64_DATA, align=8, whole=True, total=(16, "<Q", 0)),
}


@dataclass(frozen=True)
class Chunk:
    """name; place of its header and of its contents; bytes of them that the header claims and that are there."""

    name: bytes
    header: int
    place: int
    claimed: int
    there: int


def chunks_of(source: Buffered, grammar: Grammar) -> dict[bytes, Chunk]:
    """The first chunk of each name, up to the one with the samples."""
    place, found = grammar.first, {}
    for _ in range(MOST_CHUNKS):
        if (chunk := _chunk_at(source, grammar, place)) is None:
            break
        found.setdefault(chunk.name, chunk)
        if chunk.name == grammar.sound:
            break
        place = end_of(chunk, grammar)
    return found


def _chunk_at(source: Buffered, grammar: Grammar, place: int) -> Chunk | None:
    length = struct.calcsize(grammar.header)
    start = source.at(place, length)
    if len(start) < length:
        return None
    name, size = struct.unpack(grammar.header, start)
    inside = place + length
    return Chunk(name, place, inside, max(size - length * grammar.whole, 0), source.size - inside)


def end_of(chunk: Chunk, grammar: Grammar) -> int:
    """Where the next chunk begins."""
    end = chunk.place + chunk.claimed
    return end + -end % grammar.align


def is_of_unknown_length(source: Buffered, grammar: Grammar, sound: Chunk) -> bool:
    """Whether the samples go on to the end of the file, whatever the header claims."""
    if sound.claimed > sound.there:
        return sound.claimed >= UNKNOWN_LENGTHS
    return sound.claimed <= grammar.before < sound.there and not _only_chunks_follow(source, grammar, sound)


def _only_chunks_follow(source: Buffered, grammar: Grammar, sound: Chunk) -> bool:
    """Whether what lies behind a chunk is a row of chunks that ends with the file."""
    place = end_of(sound, grammar)
    for _ in range(MOST_CHUNKS):
        if place >= source.size:
            return True
        chunk = _chunk_at(source, grammar, place)
        if chunk is None or not chunk.name[:4].decode("latin-1").isprintable() or chunk.claimed > chunk.there:
            return False
        place = end_of(chunk, grammar)
    return False


def with_true_length(source: Buffered, grammar: Grammar, found: dict[bytes, Chunk]) -> BinaryIO:
    """The same file with the length of the samples that are there in its header."""
    sound = found[grammar.sound]
    head = bytearray(source.at(0, sound.place))
    length = struct.calcsize(grammar.header)
    struct.pack_into(grammar.header, head, sound.header, sound.name, sound.there + length * grammar.whole)
    if grammar.total:
        place, form, without = grammar.total
        struct.pack_into(form, head, place, source.size - without)
    if b"COMM" in found:
        _count_frames(head, found[b"COMM"].place, sound.there - grammar.before)
    if head[:4] == b"RF64":  # whose lengths are elsewhere
        head[:4] = b"RIFF"
    return Spliced(piece_of(bytes(head)), (source.file, sound.place, sound.there))


def _count_frames(head: bytearray, place: int, sound_bytes: int) -> None:
    """AIFF tells the frames beside the length."""
    channels, _, bits = struct.unpack_from(">HIH", head, place)
    struct.pack_into(">I", head, place + 2, sound_bytes // max(channels * -(-bits // 8), 1))
