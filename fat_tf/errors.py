"""The one exception that is shown to people as a line, not as a traceback."""

from collections.abc import Iterable

SHOWN = 10  # items of a list that a message names before it counts the rest


class UserError(Exception):
    """Something the user can mend: says what is wrong, where, and the remedy.

    The command-line tools print `message` on stderr and exit with status 2. (gin appends the names of its
    configurables to the text of what is raised in them; `message` stays as it was.)
    """

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


def listed(items: Iterable[object], shown: int = SHOWN) -> str:
    """The first items of a list for a message, and how many more there are."""
    texts = [str(item) for item in items]
    more = f", and {len(texts) - shown} more" if len(texts) > shown else ""
    return ", ".join(texts[:shown]) + more


def check_seed(seed: int, name: str) -> None:
    """Raise a UserError where NumPy and scikit-learn cannot begin with a number."""
    if not 0 <= seed < 2**32:
        raise UserError(f"{name} is from 0 to 4294967295, not {seed}")


def counted(number: int, thing: str) -> str:
    """A number of things in words: 1 model, 5 models."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
