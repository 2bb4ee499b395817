"""Which local folder mirrors a URL, and back: by the names alone, without a look at either."""

import os
import re
from functools import cache
from pathlib import Path
from urllib.parse import quote, unquote

from fat_tf.errors import UserError
from fat_tf.home import CACHE, cache_place

URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://.")
LONGEST, GOES_ON = 200, "%+"  # characters of a folder's name, and its end where there is more: no quoted text has that
ONE_SLASH = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/(?!/)")  # a single letter is a drive


def is_url(place: str | Path | None) -> bool:
    """Whether this names a place by a scheme, like s3://bucket/folder."""
    return bool(URL.match(str(place or "")))


def check_slashes(place: str) -> None:
    """Raise a UserError for s3:/bucket, which would be taken for a folder here."""
    if (found := ONE_SLASH.match(place)) and not os.path.exists(place):
        raise UserError(f"{place} has one slash too few for a URL: {found[1]}://{place[found.end() :]}")


def mirror_of(url: str) -> Path:
    """The local copy of a URL: MIRRORS/PARENT/NAME, the parent's URL quoted. No mirror lies within another.

    What is too long for the name of a folder goes on in one below it.
    """
    parent, _, name = url.rstrip("/").rpartition("/")
    quoted = quote(parent, safe="")
    pieces = [quoted[start : start + LONGEST] for start in range(0, len(quoted), LONGEST)]
    return Path(_mirrors(), *(piece + GOES_ON for piece in pieces[:-1]), *pieces[-1:], name)


def local(place: str | Path) -> Path:
    """The mirror of a URL; a path as it is."""
    return mirror_of(str(place)) if is_url(place) else Path(place)


def named(path: str | Path) -> str:
    """The URL that a path mirrors, which is the same on every machine; the absolute path of others."""
    path, mirrors = os.path.abspath(path), _mirrors()
    if not path.startswith(mirrors + os.sep):
        return path
    parent, *below = path[len(mirrors) + 1 :].split(os.sep)
    while below and parent.endswith(GOES_ON):
        parent = parent.removesuffix(GOES_ON) + below.pop(0)
    return "/".join([unquote(parent), *below])


def with_urls(text: str) -> str:
    """A text for people, with the URLs of mirrored paths.

    TensorBoard, which reads folders alone, and a configuration to give are shown in the mirror; and so is who is told
    of "the mirror PATH".
    """
    shown = "(?<!--logdir=)(?<!--gin_file=)(?<!mirror )" + re.escape(_mirrors() + os.sep)
    quoted = rf"((?:[\w.%-]+{re.escape(GOES_ON)}/)*[\w.%+-]+)"
    return re.sub(shown + quoted, lambda found: unquote(found[1].replace(f"{GOES_ON}/", "")), text)


def _mirrors() -> str:
    return _mirrors_of(os.environ.get("HOME"), os.environ.get(CACHE))


@cache
def _mirrors_of(home: str | None, place: str | None) -> str:
    """Asked for every clip, and looks at the disk once for each of its arguments."""
    return os.path.abspath(cache_place() / "mirrors")
