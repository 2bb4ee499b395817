"""A file made of pieces of others: how a decoder is shown a mended header without a copy of the sound."""

import io
from bisect import bisect_right
from itertools import accumulate
from typing import BinaryIO

AT_ONCE = 1 << 20  # bytes

Piece = tuple[BinaryIO, int, int]  # file, first byte, bytes


class Spliced(io.RawIOBase):
    """Pieces of files, one after the other, read as one file; `seek` takes any place."""

    def __init__(self, *pieces: Piece):
        self._pieces = [piece for piece in pieces if piece[2] > 0]
        self._starts = [0, *accumulate(piece[2] for piece in self._pieces)]
        self._place = 0

    def seekable(self):
        return True

    def readable(self):
        return True

    def tell(self):
        return self._place

    def seek(self, offset, whence=io.SEEK_SET):
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._starts[-1]}[whence]
        self._place = max(start + offset, 0)
        return self._place

    def readinto(self, buffer):
        view, filled = memoryview(buffer).cast("B"), 0
        while filled < len(view) and self._place < self._starts[-1]:
            number = bisect_right(self._starts, self._place) - 1
            file, first, length = self._pieces[number]
            inside = self._place - self._starts[number]
            file.seek(first + inside)
            count = file.readinto(view[filled : filled + length - inside])
            if not count:
                break
            filled += count
            self._place += count
        return filled

    def readall(self):
        # RawIOBase's asks for 8 KiB at a time; a file in memory that is read whole is not copied
        start, pieces = self._place, []
        for (file, first, length), before in zip(self._pieces, self._starts, strict=False):
            skipped = min(max(start - before, 0), length)
            file.seek(first + skipped)
            pieces.append(file.read(length - skipped))
        contents = b"".join(pieces)
        self._place += len(contents)
        return contents


def piece_of(contents: bytes) -> Piece:
    """Bytes as a piece."""
    return io.BytesIO(contents), 0, len(contents)


class LenientBytes(io.BytesIO):
    """Bytes whose `seek` takes any place.

    Decoders ask for one before the start where a header is damaged, and an error inside of a call back from C would be
    printed, not raised.
    """

    def __init__(self, contents: bytes):
        super().__init__(contents)
        self._size = len(contents)  # `getbuffer` would copy them

    def seek(self, offset, whence=io.SEEK_SET):
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.tell(), io.SEEK_END: self._size}[whence]
        return super().seek(max(start + offset, 0))


class Buffered:
    """Bytes of a file by their place, a megabyte in memory."""

    def __init__(self, file: BinaryIO):
        self.file, self.size = file, file.seek(0, io.SEEK_END)
        self._first, self._held = 0, b""

    def at(self, place: int, count: int) -> bytes:
        """`count` bytes from a place; fewer at the end, none outside of the file."""
        if not 0 <= place < self.size:
            return b""
        held, inside = self.around(place, count)
        return held[inside : inside + count]

    def around(self, place: int, count: int) -> tuple[bytes, int]:
        """The bytes in memory, among them `count` from a place on if there are so many, and where in them it is."""
        inside = place - self._first
        if inside < 0 or inside + count > len(self._held):
            self.file.seek(place)
            self._first, self._held, inside = place, self.file.read(max(count, AT_ONCE)), 0
        return self._held, inside

    def find(self, wanted: bytes, start: int, end: int) -> int:
        """First place from `start` on where all of these bytes are, before `end`; -1 if nowhere."""
        while start + len(wanted) <= min(end, self.size):
            self.at(start, len(wanted))
            if (found := self._held.find(wanted, start - self._first, end - self._first)) >= 0:
                return self._first + found
            start = max(self._first + len(self._held) - len(wanted), start) + 1
        return -1
