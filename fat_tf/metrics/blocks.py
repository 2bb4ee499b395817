"""Arrays of clips a block at a time: what is made of them for a while would be gigabytes for a million clips."""

from collections.abc import Iterator

import numpy as np

CLIPS = 2048  # of a block


def blocks(*arrays: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """The same clips of each array, (clips, ...), block by block."""
    for start in range(0, len(arrays[0]), CLIPS):
        yield tuple(array[start : start + CLIPS] for array in arrays)
