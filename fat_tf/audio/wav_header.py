"""What stands in the header of a WAV file, as numbers."""

RIFF, WAVE, FMT, DATA = (int.from_bytes(tag, "little") for tag in (b"RIFF", b"WAVE", b"fmt ", b"data"))
RIFF_HEADER, CHUNK_HEADER = 12, 8  # bytes
PCM, EXTENSIBLE = 1, 0xFFFE  # codes of a format
PCM_CHUNK_BYTES = 16  # of the format chunk of plain PCM
CANONICAL_BYTES = RIFF_HEADER + CHUNK_HEADER + PCM_CHUNK_BYTES + CHUNK_HEADER  # one format chunk, then the sound
UNKNOWN_LENGTHS = 0x7FFF0000  # lengths from here on that a file does not have mean "unknown"
MPEG_IN_WAV = (0x50, 0x55)  # codes of MPEG layers I and II, and III
