"""Windows over a sound that comes in blocks."""

from collections.abc import Iterable, Iterator

import numpy as np


def sliding_windows(blocks: Iterable[np.ndarray], window: int, hop: int) -> Iterator[tuple[int, np.ndarray]]:
    """Windows every `hop` samples, each as soon as its last sample is there.

    Args:
        blocks: (samples,) each, of any lengths.
        window, hop: samples.

    Yields:
        (first sample, samples (window,)). The last window ends with the sound; a sound shorter than a window is one.
    """
    kept, first = np.zeros(0, np.float32), 0  # what a further window may need, and its place in the sound
    following = covered = 0
    for block in blocks:
        kept = np.concatenate([kept, block])
        while following + window <= first + len(kept):
            yield following, kept[following - first :][:window]
            covered, following = following + window, following + hop
            kept, first = kept[following - hop - first :], following - hop
    end = first + len(kept)
    if end > covered:
        start = max(end - window, 0)
        yield start, kept[start - first :]
