"""Tags before and after MPEG audio, which are no sound: ID3v1 and v2, APE, Lyrics3."""

from fat_tf.audio.decode.spliced import Buffered

ID3V2_HEADER, ID3V1, ENHANCED, APE_FOOTER = 10, 128, 227, 32  # bytes
APE_HAS_HEADER = 1 << 31  # flag
LYRICS_MOST = 5100 + 20  # bytes of Lyrics3 v1


def end_of_tags(source: Buffered, place: int) -> int:
    """Where the sound may begin after the tags at a place."""
    while (length := _id3v2(source.at(place, ID3V2_HEADER)) or _ape_header(source.at(place, APE_FOOTER))) > 0:
        place += length
    return min(place, source.size)


def _id3v2(start: bytes) -> int:
    if len(start) < ID3V2_HEADER or start[:3] != b"ID3" or max(start[6:10]) > 127:
        return 0
    has_footer = start[5] >> 4 & 1
    length = sum(byte << shift for byte, shift in zip(start[6:10], (21, 14, 7, 0), strict=True))
    return ID3V2_HEADER + length + ID3V2_HEADER * has_footer


def _ape_header(start: bytes) -> int:
    return APE_FOOTER + int.from_bytes(start[12:16], "little") if start[:8] == b"APETAGEX" else 0


def start_of_tags(source: Buffered) -> int:
    """Where the sound ends before the tags at the end of a file."""
    end = source.size
    while length := _id3v1(source, end) or _ape_footer(source, end) or _lyrics(source, end):
        end = max(end - length, 0)
    return end


def _id3v1(source: Buffered, end: int) -> int:
    if source.at(end - ID3V1, 3) != b"TAG":
        return 0
    return ID3V1 + (ENHANCED if source.at(end - ID3V1 - ENHANCED, 4) == b"TAG+" else 0)


def _ape_footer(source: Buffered, end: int) -> int:
    footer = source.at(end - APE_FOOTER, APE_FOOTER)
    if footer[:8] != b"APETAGEX":
        return 0
    has_header = bool(int.from_bytes(footer[20:24], "little") & APE_HAS_HEADER)
    return int.from_bytes(footer[12:16], "little") + APE_FOOTER * has_header


def _lyrics(source: Buffered, end: int) -> int:
    tail = source.at(end - 15, 15)
    if tail.endswith(b"LYRICS200") and tail[:6].isdigit():
        return 15 + int(tail[:6])
    if tail.endswith(b"LYRICSEND"):
        start = source.at(max(end - LYRICS_MOST, 0), LYRICS_MOST).rfind(b"LYRICSBEGIN")
        return min(end, LYRICS_MOST) - start if start >= 0 else 0
    return 0
