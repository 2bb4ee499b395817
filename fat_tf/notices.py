"""What is worth a line on stderr while work goes on."""

import sys

from tqdm import tqdm


def warn(text: str) -> None:
    """Say what a person may want to look into; beside a progress bar, not across it."""
    tqdm.write(f"Warning: {text}", file=sys.stderr)
