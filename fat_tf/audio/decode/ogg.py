"""Ogg before libsndfile reads it: it takes the first of several sounds that were joined ("chained") for all."""

from typing import BinaryIO

from fat_tf.audio.decode.part import Part
from fat_tf.audio.decode.spliced import Buffered, Spliced

CAPTURE, PAGE_HEADER, FLAGS_PLACE, SEGMENTS_PLACE = b"OggS", 27, 5, 26
BEGINS = 2  # flag of the first page of a stream


def ogg_parts(file: BinaryIO) -> list[Part]:
    """The sounds in a file of Ogg."""
    source = Buffered(file)
    starts, was_first = [0], True
    for place, begins in _pages(source):
        if begins and not was_first:
            starts.append(place)
        was_first = begins
    ends = [*starts[1:], source.size]
    return [Part(Spliced((file, start, end - start))) for start, end in zip(starts, ends, strict=True)]


def _pages(source: Buffered):
    """(place, whether a stream begins there) of each page."""
    place = 0
    while (place := source.find(CAPTURE, place, source.size)) >= 0:
        header = source.at(place, PAGE_HEADER)
        if len(header) < PAGE_HEADER:
            break
        yield place, bool(header[FLAGS_PLACE] & BEGINS)
        lengths = source.at(place + PAGE_HEADER, header[SEGMENTS_PLACE])
        place += PAGE_HEADER + len(lengths) + sum(lengths)
