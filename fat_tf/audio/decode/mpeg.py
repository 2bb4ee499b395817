"""MPEG audio (MP3, MP2), walked frame by frame: how much sound is there.

Where no first frame tells the count (in a tag named Xing or Info), libsndfile takes the file's size over the bit rate
of one frame, and then refuses the file or loses its end. So the frames are counted here, tags and rubbish are left out,
and libsndfile is shown the frames behind a first one with their true count.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from fat_tf.audio.decode.mpeg_header import L3, Header, header_of, with_rate
from fat_tf.audio.decode.mpeg_tags import end_of_tags, start_of_tags
from fat_tf.audio.decode.part import DecodeError, Part
from fat_tf.audio.decode.spliced import Buffered, Spliced, piece_of

ROOMY = 8  # index of a bit rate whose frames hold a count, whatever the version
LARGEST = 8192  # bytes of a frame, with room to spare
SURE = 4  # frames in a row that other bytes do not look like
MOST_TRIES = 50_000  # bytes that might begin a frame: more is no sound
COUNTED, SIZED = 1, 2  # flags of what follows a Xing tag
TAGS = (b"Xing", b"Info")
FRAUNHOFERS, FRAUNHOFERS_PLACE = b"VBRI", 36  # a tag of its own, which libsndfile does not know
INITIALS = b"XIV"  # by which nearly all frames are known to have none
TAGGED_BYTES = 40  # of a frame, in which a tag begins
WORD = struct.Struct(">I")


class Frame(NamedTuple):
    """Where a frame lies: its first byte and its bytes."""

    place: int
    size: int
    header: Header

    @property
    def free(self) -> int:
        """Bytes without its padding, where its header does not tell them."""
        return 0 if self.header.size else self.size - self.header.slot


class Row(NamedTuple):
    """Frames of one kind without anything between them, and bytes of all; none where the file ends before the first.

    None but the first one begins a file.
    """

    first: Frame
    frames: int
    size: int


@dataclass
class Run:
    """Frames of one sound. stretches: (first byte, bytes) of frames without anything between them."""

    first: Frame
    frames: int = 0
    stretches: list[list[int]] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Count the frames of a row."""
        self.frames += row.frames
        if self.stretches and sum(self.stretches[-1]) == row.first.place:
            self.stretches[-1][1] += row.size
        else:
            self.stretches.append([row.first.place, row.size])


def mpeg_parts(file: BinaryIO) -> list[Part]:
    """The sounds in a file of MPEG audio; none where it holds no frames.

    Raises:
        DecodeError: it is cut short.
    """
    source = Buffered(file)
    start, end = end_of_tags(source, 0), start_of_tags(source)
    runs: list[Run] = []
    missing = False
    for row in _rows(source, start, end):
        if missing := not row.frames:
            break
        if not runs or runs[-1].first.header.kind != row.first.header.kind or _is_tagged(source, row.first):
            runs.append(Run(row.first))
        runs[-1].add(row)
    return [_part(source, run, missing and run is runs[-1]) for run in runs]


def _rows(source: Buffered, start: int, end: int) -> Iterator[Row]:
    """All frames in their order; the file may end before the last one does."""
    frame = _next_frame(source, start, end)
    while frame:
        yield (row := _row(source, frame, end))
        place = frame.place + row.size
        following = _frame_at(source, place, frame.free)
        if following is None or following.header.kind != frame.header.kind:
            following = _torn(source, frame, place, end) or _next_frame(source, place, end)
        frame = following


def _row(source: Buffered, first: Frame, end: int) -> Row:
    """The row that a frame begins, as far as it is in memory; a loop over bytes, for most of a file is such rows."""
    held, start = source.around(first.place, TAGGED_BYTES)
    kind, free, last = first.header.kind, first.free, len(held) - TAGGED_BYTES
    frames, size, following = 0, 0, first.size
    while size + following <= end - first.place:
        frames, size = frames + 1, size + following
        if (place := start + size) > last:
            break
        header = header_of(WORD.unpack_from(held, place)[0])
        if header is None or header.kind != kind:
            break
        may_have_tag = held[place + header.tag_place] in INITIALS or held[place + FRAUNHOFERS_PLACE] in INITIALS
        if may_have_tag and _has_tag(held, place, header):
            break
        if not (following := _size(header, free)):
            break
    return Row(first, frames, size)


def _size(header: Header, free: int) -> int:
    """Bytes of a frame; free: of those whose header does not tell them, 0 if that is not known."""
    return header.size or (free and free + header.slot)


def _frame_at(source: Buffered, place: int, free: int = 0) -> Frame | None:
    """The frame at a place, if one begins there."""
    header = header_of(int.from_bytes(source.at(place, 4), "big"))
    size = _size(header, free) if header else 0
    return Frame(place, size, header) if size else None


def _torn(source: Buffered, frame: Frame, place: int, end: int) -> Frame | None:
    """A frame of which the file has less than a header: as far as it is there it looks like that of another frame."""
    rest = source.at(place, max(end - place, 0))[:2] if end - place < 4 else b""  # a third byte has the bit rate
    return Frame(place, LARGEST, frame.header) if rest and source.at(frame.place, len(rest)) == rest else None


def _next_frame(source: Buffered, start: int, end: int) -> Frame | None:
    """The first frame from a place on that others follow as they should, or the end."""
    place = start
    for _ in range(MOST_TRIES):
        if (place := source.find(b"\xff", place, end)) < 0:
            break
        frame = _frame_at(source, place, _free_size(source, place, end))
        if frame and _is_sure(source, frame, end):
            return frame
        place += 1
    return None


def _free_size(source: Buffered, place: int, end: int) -> int:
    """Bytes of a frame without its padding, by the next one like it; 0 where its header tells them."""
    word = int.from_bytes(source.at(place, 4), "big")
    header = header_of(word)
    if header is None or header.size:
        return 0
    following = source.find(source.at(place, 2), place + 4, min(place + LARGEST, end))
    return following - place - header.slot if following >= 0 else 0


def _is_sure(source: Buffered, frame: Frame, end: int) -> bool:
    """Whether frames of the same kind follow, so many that these bytes are nothing else, or up to the end."""
    following = frame
    for number in range(1, SURE):
        place = following.place + following.size
        if place >= end:
            return place == end or number > 2
        following = _frame_at(source, place, frame.free)
        if following is None or following.header.kind != frame.header.kind:
            return number > 2 and end - place < 4
    return True


def _is_tagged(source: Buffered, frame: Frame) -> bool:
    """Whether it begins a file: it holds a tag instead of sound."""
    return _has_tag(source.at(frame.place, TAGGED_BYTES), 0, frame.header)


def _has_tag(contents: bytes, place: int, header: Header) -> bool:
    tag, other = place + header.tag_place, place + FRAUNHOFERS_PLACE
    return contents[tag : tag + 4] in TAGS or contents[other : other + 4] == FRAUNHOFERS


def _part(source: Buffered, run: Run, is_torn: bool) -> Part:
    """The frames of a run behind one that tells their number."""
    header = run.first.header
    tag = source.at(run.first.place, run.first.size) if _is_tagged(source, run.first) else b""
    frames = run.frames - bool(tag)
    claimed = _claimed(tag, header.tag_place) or frames + is_torn
    if frames < claimed:
        raise DecodeError(f"cut short: {frames * header.samples} of {claimed * header.samples} samples")
    (place, size), *others = run.stretches
    sound = [(source.file, *stretch) for stretch in ((place + len(tag), size - len(tag)), *others)]
    if header.kind[1] != L3:  # in which nothing tells the number
        return Part(Spliced(*sound), frames * header.samples)
    size = sum(stretch[2] for stretch in sound)
    first = _with_count(tag, header.tag_place, frames, size) or _silence_with_count(source, run.first, frames)
    return Part(Spliced(piece_of(first), *sound))


def _flags(tag: bytes, place: int) -> int:
    return int.from_bytes(tag[place + 4 : place + 8], "big") if tag[place : place + 4] in TAGS else 0


def _claimed(tag: bytes, place: int) -> int:
    """Frames that a tag tells; 0 where it tells none."""
    return int.from_bytes(tag[place + 8 : place + 12], "big") if _flags(tag, place) & COUNTED else 0


def _with_count(tag: bytes, place: int, frames: int, size: int) -> bytes:
    """The same tag, which also tells what an encoder has padded, with true counts; empty where it has none."""
    flags, changed = _flags(tag, place), bytearray(tag)
    if not flags & COUNTED:
        return b""
    changed[place + 8 : place + 12] = frames.to_bytes(4, "big")
    if flags & SIZED:
        changed[place + 12 : place + 16] = (len(tag) + size).to_bytes(4, "big")
    return bytes(changed)


def _silence_with_count(source: Buffered, first: Frame, frames: int) -> bytes:
    """A frame of silence that tells how many follow it."""
    word = with_rate(int.from_bytes(source.at(first.place, 4), "big"), ROOMY)
    header = header_of(word)
    tag = b"Info" + COUNTED.to_bytes(4, "big") + frames.to_bytes(4, "big")
    return (word.to_bytes(4, "big") + bytes(header.tag_place - 4) + tag).ljust(header.size, b"\0")
