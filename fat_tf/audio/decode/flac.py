"""FLAC before libsndfile reads it: joined files, and streams whose header tells no number of samples."""

from typing import BinaryIO

from fat_tf.audio.decode.part import Part
from fat_tf.audio.decode.spliced import Buffered, Spliced, piece_of

START = b"fLaC"
INFO_BYTES = 34  # of the block that comes first
STARTS = tuple(START + bytes([last, 0, 0, INFO_BYTES]) for last in (0, 0x80))
TOTAL_PLACE, TOTAL_BYTES = 21, 5  # of which the first has 4 bits of something else
HEAD = len(STARTS[0]) + INFO_BYTES
LARGEST = 1 << 20  # bytes in which the last frame begins
BLOCK_SIZES = {1: 192} | {2 + n: 576 << n for n in range(4)} | {8 + n: 256 << n for n in range(8)}  # samples by code


def flac_parts(file: BinaryIO) -> list[Part]:
    """The sounds in a file of FLAC."""
    source = Buffered(file)
    starts = [0]
    while (found := _next_start(source, starts[-1] + HEAD)) is not None:
        starts.append(found)
    pieces = zip(starts, [*starts[1:], source.size], strict=True)
    return [Part(_with_total(Buffered(Spliced((file, start, end - start))))) for start, end in pieces]


def _next_start(source: Buffered, place: int) -> int | None:
    found = [where for start in STARTS if (where := source.find(start, place, source.size)) >= 0]
    return min(found, default=None)


def _with_total(source: Buffered) -> BinaryIO:
    """The same file with the number of its samples in its header, where that tells none."""
    head = bytearray(source.at(0, HEAD))
    field = int.from_bytes(head[TOTAL_PLACE : TOTAL_PLACE + TOTAL_BYTES], "big")
    if len(head) < HEAD or field % (1 << 36):
        return source.file
    field |= _samples(source, int.from_bytes(head[8:10], "big"))
    head[TOTAL_PLACE : TOTAL_PLACE + TOTAL_BYTES] = field.to_bytes(TOTAL_BYTES, "big")
    return Spliced(piece_of(bytes(head)), (source.file, HEAD, source.size - HEAD))


def _samples(source: Buffered, block: int) -> int:
    """Samples up to the end of the last frame, whose header tells its number or that of its first sample."""
    first = max(source.size - LARGEST, HEAD)
    tail = source.at(first, source.size - first)
    place = len(tail)
    while (place := tail.rfind(b"\xff", 0, place)) >= 0:
        if samples := _end_of_frame(tail[place : place + 16], block):
            return samples
    return 0


def _end_of_frame(start: bytes, block: int) -> int:
    """Number of the sample after a frame, by its header; 0 if these bytes are none."""
    if len(start) < 6 or start[1] & 0xFE != 0xF8 or start[2] & 0x0F == 15 or start[3] & 1 or start[3] >> 4 > 10:
        return 0
    number, length = _coded_number(start[4:])
    code, place = start[2] >> 4, 4 + length
    more = {6: 1, 7: 2}.get(code, 0)
    size = int.from_bytes(start[place : place + more], "big") + 1 if more else BLOCK_SIZES.get(code, 0)
    place += more + {12: 1, 13: 2, 14: 2}.get(start[2] & 0x0F, 0)
    if not length or not size or start[place : place + 1] != bytes([_crc8(start[:place])]):
        return 0
    return number * (1 if start[1] & 1 else block) + size


def _coded_number(contents: bytes) -> tuple[int, int]:
    """(number, bytes) of a number in the manner of UTF-8, up to 36 bits; no bytes where there is none."""
    ones = 8 - (contents[0] ^ 0xFF).bit_length()
    length = max(ones, 1)
    following = contents[1:length]
    if ones in (1, 8) or len(following) < length - 1 or any(byte >> 6 != 2 for byte in following):
        return 0, 0
    number = contents[0] & (0x7F >> ones)
    for byte in following:
        number = number << 6 | byte & 0x3F
    return number, length


def _crc8(contents: bytes) -> int:
    crc = 0
    for byte in contents:
        crc ^= byte
        for _ in range(8):
            crc = crc << 1 & 0xFF ^ (0x07 if crc & 0x80 else 0)
    return crc
