"""How a program ends that is asked to."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def terminated_by_exit() -> Iterator[None]:
    """Have SIGTERM, by which clusters take a machine back, end the work as an error does, not the process at once."""
    if threading.current_thread() is not threading.main_thread():  # others are sent no signals
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
