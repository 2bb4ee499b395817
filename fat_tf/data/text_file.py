"""The text of a table, in whichever encoding it was saved."""

import codecs
from functools import cache
from pathlib import Path

from fat_tf.errors import UserError
from fat_tf.notices import say

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
GZIP = b"\x1f\x8b"


def table_text(file: str | Path) -> str:
    """Text in UTF-8, in UTF-16 where a byte order mark says so, or else in Latin-1 as Windows has it (cp1252).

    Raises:
        UserError: it cannot be read, is empty, or is no text.
    """
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise UserError(f"{file} cannot be read as CSV: {error.strerror}") from error
    if data.startswith(GZIP):
        raise UserError(f"{file} is compressed by gzip: unpack it first (gunzip)")
    text, odd = _decoded(file, data)
    if not text.strip():
        raise UserError(f"{file} cannot be read as CSV: it is empty")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise UserError(f"{file} line {line} holds a NUL byte: it is no text, or damaged. Save it as CSV in UTF-8")
    if odd is not None:
        line = data.count(b"\n", 0, odd) + 1
        _say_once(
            f"Note: {file} is not in UTF-8 (line {line}): it is read as Latin-1. If letters look wrong, save it anew"
        )
    return text


def _decoded(file: str | Path, data: bytes) -> tuple[str, int | None]:
    """(text, place of the first byte that is not in UTF-8, where it had to be read as Latin-1)."""
    try:
        return data.decode("utf-16" if data.startswith(UTF_16) else "utf-8-sig"), None
    except UnicodeDecodeError as error:
        if error.encoding != "utf-8":
            raise UserError(f"{file} cannot be read as CSV: its UTF-16 is damaged. Save it as UTF-8") from error
        return _latin_1(data), error.start


def _latin_1(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:  # five bytes mean nothing there
        return data.decode("latin-1")


@cache
def _say_once(note: str) -> None:
    say(note)
