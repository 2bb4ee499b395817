"""What is worth a line on stderr while work goes on."""

import sys

from tqdm import tqdm


def warn(text: str) -> None:
    """Say what a person may want to look into."""
    say(f"Warning: {text}")


def say(text: str) -> None:
    """Say what a person may want to know, if there is something; beside a progress bar, not across it."""
    if text:
        tqdm.write(text, file=sys.stderr)
