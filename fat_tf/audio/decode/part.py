"""What the readers of the formats, the decoders and their caller hand on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np


class DecodeError(Exception):
    """Why a file gives no samples, as a text for people."""


@contextmanager
def damage_named() -> Iterator[None]:
    """Make a DecodeError of whatever a decoder raises: damaged files find what nobody foresaw, and must end no run."""
    try:
        yield
    except (DecodeError, OSError):
        raise
    except Exception as reason:
        raise DecodeError(f"damaged, or not what it seems to be ({type(reason).__name__}: {reason})") from reason


@dataclass(frozen=True)
class Part:
    """A sound as libsndfile reads it rightly: a whole file, or one of several that were joined.

    file: of which libsndfile is told. frames: samples of each channel that are there, where libsndfile would guess.
    gain: for samples that do not fill their container.
    """

    file: BinaryIO
    frames: int | None = None
    gain: float = 1.0


@dataclass(frozen=True)
class Decoded:
    """A sound that is being read. rate: Hz. blocks: (samples, channels) float32 each; they may raise DecodeError."""

    rate: int
    blocks: Iterator[np.ndarray]
