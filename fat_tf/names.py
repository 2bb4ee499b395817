"""Names of files that are not in UTF-8, as texts that tables and people can hold: caf\\xe9.wav for the byte E9."""

import os
import re

BYTE = re.compile(rb"\\x([89a-f][0-9a-f])")


def spelled(text: str) -> str:
    """A name from the disk, or a text with some in it; only what is not UTF-8 is spelled."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def as_on_disk(name: str) -> str:
    """What a spelled name is called on the disk."""
    data = name.encode("utf-8", "surrogateescape")
    return os.fsdecode(BYTE.sub(lambda found: bytes([int(found[1], 16)]), data)) if b"\\x" in data else name
