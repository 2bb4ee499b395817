"""What a program finds around it: streams that are closed, and a locale with another encoding than UTF-8."""

import codecs
import io
import os
import sys

from fat_tf.names import spelled

STREAMS = {"stdin": "r", "stdout": "w", "stderr": "w"}  # in the order of their numbers


def speak_utf8() -> None:
    """Start again in Python's UTF-8 mode, if the locale has another encoding: it would be that of names of files."""
    if sys.getfilesystemencoding() != "utf-8":
        os.environ["PYTHONUTF8"] = "1"  # for programs that are started by this one
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def open_streams() -> None:
    """Lead closed streams to nowhere, as the next file would get their number; print whatever a terminal lacks as ?."""
    for name, mode in STREAMS.items():
        if getattr(sys, name) is None:  # it is closed
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 (to the end)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="printable")


def _printable(error: UnicodeEncodeError) -> tuple[str, int]:
    """Bytes of a name that is not in UTF-8 are spelled, see `fat_tf.names`."""
    letter = error.object[error.start]
    return spelled(letter) if "\udc80" <= letter <= "\udcff" else "?", error.start + 1


codecs.register_error("printable", _printable)
