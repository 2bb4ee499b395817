"""What is seen on stderr while work goes on: lines, and bars in a terminal."""

import sys
from functools import partial

from tqdm import tqdm

progress_bar = partial(tqdm, disable=None, dynamic_ncols=True)  # none in a log file; as wide as the terminal is now


def warn(text: str) -> None:
    """Say what a person may want to look into."""
    say(f"Warning: {text}")


def say(text: str) -> None:
    """Say what a person may want to know, if there is something; beside a progress bar, not across it."""
    if text:
        tqdm.write(text, file=sys.stderr)
