"""Another sample rate, by soxr."""

from collections.abc import Iterable, Iterator

import numpy as np
import soxr


def resampled(blocks: Iterable[np.ndarray], rate: float, wanted: float) -> Iterator[np.ndarray]:
    """Blocks (samples,) or (samples, channels) float32 at another rate in Hz, as if they had been resampled in one."""
    stream, none = None, np.zeros(0, np.float32)
    for block in blocks:
        channels, none = (block.shape[1], block[:0]) if block.ndim == 2 else (1, block[:0])
        stream = stream or soxr.ResampleStream(rate, wanted, channels, dtype="float32")
        yield stream.resample_chunk(np.ascontiguousarray(block))
    if stream:
        yield stream.resample_chunk(none, last=True)
