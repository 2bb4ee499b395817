"""What a C library prints on stderr of its own, kept from people: mpg123 (in libsndfile) tells of each damaged frame.

Only C's stream is sent away, and only while such a library works: Python writes to the file descriptor beneath it.
"""

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_working = 0  # threads
_real = None  # C's stream while it is replaced


@contextmanager
def quiet_c_library() -> Iterator[None]:
    """Print nothing that C code writes to `stderr`; does nothing where C has no variable of that name."""
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _working, _real
    with _lock:
        _working += 1
        if _working == 1 and STREAM is not None:
            _real, STREAM.value = STREAM.value, NOWHERE


def _leave() -> None:
    global _working
    with _lock:
        _working -= 1
        if _working == 0 and STREAM is not None:
            STREAM.value = _real


def _c_stream() -> tuple[ctypes.c_void_p | None, int | None]:
    """(C's variable `stderr`, a stream that goes nowhere)."""
    try:
        library = ctypes.CDLL(None)
        library.fopen.restype = ctypes.c_void_p
        nowhere = library.fopen(os.devnull.encode(), b"w")
        return (ctypes.c_void_p.in_dll(library, "stderr"), nowhere) if nowhere else (None, None)
    except (AttributeError, OSError, TypeError, ValueError):  # other C libraries than glibc
        return None, None


STREAM, NOWHERE = _c_stream()
