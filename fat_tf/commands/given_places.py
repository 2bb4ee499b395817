"""Places that a command is given as URLs: local folders while it runs.

A flag says by its type what becomes of a place: `type=Source` and so on. A local path is left as it is.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from typing import TextIO

from fat_tf import config
from fat_tf.storage.urls import check_slashes, is_url, with_urls


class Place(str):
    """What a flag names."""


class Source(Place):
    """A file or folder that is read."""


class Sounds(Source):
    """A data set, a sound, or a table with the sounds beside it."""


class Work(Place):
    """A folder that is read and written: a run, or one for results."""


class Cache(Place):
    """The folder of the log-mels, shared by all who may write to it."""


class Output(Place):
    """A file that is written, with others whose names begin with its own."""


@contextmanager
def at_hand(flags: argparse.Namespace) -> Iterator[None]:
    """Have the flags name local folders: sources are fetched, what was written is copied to where it belongs.

    What is printed meanwhile has the URLs.

    Raises:
        UserError: a place cannot be reached, read or written; one of its two slashes is lacking.
        ConfigError: of the configuration, before anything is fetched.
    """
    places = [place for value in vars(flags).values() for place in _listed(value) if isinstance(place, Place)]
    for place in places:
        check_slashes(place)
    if not any(map(is_url, places)):
        yield
        return
    if getattr(flags, "gin_file", None):
        config.check(flags.gin_file, flags.gin_param)
    with redirect_stdout(_WithUrls(sys.stdout)), redirect_stderr(_WithUrls(sys.stderr)), ExitStack() as stack:
        for kind in (Work, Output, Cache, Source):  # what cannot be written to is said before the long fetches
            for name, value in vars(flags).items():
                setattr(flags, name, _opened(value, kind, stack))
        yield


def _listed(value: object) -> list:
    return value if isinstance(value, list) else [value]


def _opened(value: object, kind: type[Place], stack: ExitStack) -> object:
    """The value of a flag with local places instead of URLs of this kind."""
    if isinstance(value, list):
        return [_opened(place, kind, stack) for place in value]
    if not isinstance(value, kind) or not is_url(value):
        return value
    from fat_tf.storage import places  # not where there are no URLs

    open_: dict[type[Place], Callable] = {
        Work: lambda url: stack.enter_context(places.worked_on(url)),
        Output: lambda url: stack.enter_context(places.written_to(url)),
        Cache: places.shared_by,
        Sounds: places.fetch_sounds,
        Source: places.fetch,
    }
    return str(open_[type(value)](value))


class _WithUrls:
    """A stream that shows the URLs of mirrored paths."""

    def __init__(self, stream: TextIO):
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(with_urls(text))

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
