"""Sounds as people have them in Python: a file's place, its contents, or its samples."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

import numpy as np
import soxr

from fat_tf.audio.channels import MixDown
from fat_tf.audio.decode.limits import FASTEST, LOUDEST, SHORTEST, SLOWEST
from fat_tf.errors import UserError

FULL_SCALE = {"int8": 2**7, "uint8": 2**7, "int16": 2**15, "int32": 2**31}


def is_file(sound: object) -> bool:
    """Whether a sound is a file's place or contents, not samples."""
    return isinstance(sound, (str, PathLike, bytes, bytearray, memoryview))


@contextmanager
def file_of(sound: str | PathLike | bytes) -> Iterator[str]:
    """Path of a sound's file; contents lie in a temporary one meanwhile."""
    if isinstance(sound, (str, PathLike)):
        yield os.fsdecode(sound)
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sound"
        file.write_bytes(sound)
        yield str(file)


def samples_at(samples: np.ndarray, rate: float | None, wanted: int) -> np.ndarray:
    """Samples as in `mono` at another rate in Hz, at least so many as a sound has.

    Raises:
        UserError: no rate, or none that sounds have; too few samples.
    """
    check_rate(rate)
    resampled = soxr.resample(mono(samples), rate, wanted)
    if len(resampled) < SHORTEST:
        raise UserError(f"The sound is too short: {len(samples)} samples")
    return resampled


def check_rate(rate: float | None) -> None:
    """Raise a UserError for a sample rate that is missing or that no sound has."""
    if rate is None:
        raise UserError("Samples need their rate: tag(samples, sample_rate=44100)")
    if not SLOWEST <= rate <= FASTEST:
        raise UserError(f"sample_rate is in Hz, {SLOWEST} to {FASTEST}, not {rate}")


def mono(samples: np.ndarray) -> np.ndarray:
    """(samples,) float32 in [-1, 1) of samples (samples,) or (samples, channels), floats or integers of full scale.

    Channels are averaged. Floats beyond 1 are warned of, and channels of which the mean has nothing left.

    Raises:
        UserError: samples of another shape or kind, or some that are not finite.
    """
    samples = np.asarray(samples)
    if samples.ndim not in (1, 2) or (samples.ndim == 2 and not 1 <= samples.shape[1] <= max(len(samples), 1)):
        turned = ": transpose it" if samples.ndim == 2 and len(samples) else ""
        raise UserError(f"A sound has the shape (samples,) or (samples, channels), not {samples.shape}{turned}")
    samples = _as_floats(samples)
    return _mixed(samples) if samples.ndim == 2 else samples


def _mixed(samples: np.ndarray) -> np.ndarray:
    """One channel (samples,) of (samples, channels), as of a file."""
    mix = MixDown()
    mean = mix(samples)
    if mix.loudest is None:
        return mean
    warnings.warn("The channels cancel each other out: the loudest one is taken", stacklevel=5)
    return samples[:, mix.loudest]


def _as_floats(samples: np.ndarray) -> np.ndarray:
    kind = samples.dtype.name
    if full := FULL_SCALE.get(kind):
        middle = full if kind == "uint8" else 0
        return ((samples.astype(np.float64) - middle) / full).astype(np.float32)
    if samples.dtype.kind != "f":
        raise UserError(f"Samples are floats in [-1, 1], or {', '.join(FULL_SCALE)} of full scale, not {kind}")
    peak = np.abs(samples).max(initial=0)
    if not peak <= LOUDEST:
        raise UserError("The sound has samples that are not finite, or beyond a billion")
    if peak > 1:
        warnings.warn("Samples lie beyond [-1, 1]: divide them by their full scale, if it is not 1", stacklevel=5)
    return samples.astype(np.float32)
