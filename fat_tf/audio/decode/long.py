"""Files that are not to be held in memory whole: by blocks, in one pass after the other."""

import os
from collections.abc import Iterator

import numpy as np

from fat_tf.audio.channels import MixDown
from fat_tf.audio.decode.part import damage_named
from fat_tf.audio.decode.resample import resampled
from fat_tf.audio.decode.sound import mono_blocks, open_sound
from fat_tf.notices import warn

LONG_SECONDS, LONG_BYTES = 300.0, 1 << 26  # of a sound, of a file: longer ones are read by blocks
LONGER = "longer than"  # begins the error of a sound that is, which a graph gives as a text


def is_too_long(error: str | bytes) -> bool:
    """Whether the error of a file that was not read whole says that it is to be read by blocks."""
    return error.startswith(LONGER.encode() if isinstance(error, bytes) else LONGER)


class LongSound:
    """A file that can be read again and again.

    cancelled: whether the channels cancelled each other out in the pass before; the following ones take the loudest.

    Args:
        path: of the file.
        sample_rate: wanted rate in Hz.
    """

    def __init__(self, path: str | os.PathLike, sample_rate: int):
        self._path, self._rate = path, sample_rate
        self._channel: int | None = None
        self.cancelled = False

    def blocks(self) -> Iterator[np.ndarray]:
        """Mono samples (samples,) float32, block by block.

        Raises:
            DecodeError: why there are none, or no more.
        """
        mix = MixDown(self._channel)
        with damage_named(), open(self._path, "rb") as file:
            sound = open_sound(file)
            mono = mono_blocks(sound, mix)
            yield from mono if sound.rate == self._rate else resampled(mono, sound.rate, self._rate)
        self.cancelled = mix.loudest is not None
        if self.cancelled:
            self._channel = mix.loudest
            warn_of_cancelled(str(self._path), self._channel)

    def samples(self) -> np.ndarray:
        """All of them at once, (samples,) float32."""
        blocks = list(self.blocks())
        return self.samples() if self.cancelled else np.concatenate(blocks)


def warn_of_cancelled(name: str, channel: int) -> None:
    """Say which channel is taken where their mean is next to nothing."""
    warn(f"{name}: its channels cancel each other out in their mean; the loudest, channel {channel + 1}, is taken")
