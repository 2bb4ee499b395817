"""What a configuration error says, and the names that were probably meant."""

import difflib
import re
from collections.abc import Iterable, Sequence

SHOWN = 30  # names that a message lists


class ConfigError(Exception):
    """A configuration that cannot be used: says in one line, `message`, what is wrong, where, and the remedy."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


def did_you_mean(name: str, known: Iterable[str], before: str = "", after: str = "") -> str:
    """The end of a message: the known names that are closest to this one, with what stands around them; or nothing."""
    names = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name.lower(), names, SHOWN)
    likeness = [difflib.SequenceMatcher(None, other, name.lower()).ratio() for other in close]
    meant = [
        before + names[other] + after for other, like in zip(close, likeness, strict=True) if like == max(likeness)
    ]
    return f": did you mean {' or '.join(sorted(meant))}?" if meant else ""


def listed(names: Sequence[str]) -> str:
    """Names for a message, and how many more there are."""
    more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def one_line(error: BaseException) -> str:
    """An error's message on one line, without gin's frames of the parser and of the call."""
    text = re.split(r"\n\s*(?:In call to configurable|In file|In bindings string)", str(error).strip())[0]
    return " ".join(line.strip() for line in text.splitlines() if line.strip())
