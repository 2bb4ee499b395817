"""All samples of a file in memory."""

import io
from collections.abc import Iterator

import numpy as np

from fat_tf.audio.channels import MixDown
from fat_tf.audio.decode.long import LONGER, warn_of_cancelled
from fat_tf.audio.decode.part import DecodeError, damage_named
from fat_tf.audio.decode.sound import mono_blocks, open_sound


def decode_anything(contents: bytes | np.ndarray, name: bytes | np.ndarray, longest: float) -> tuple:
    """(samples, rate in Hz, error) of the contents of a file; name: in warnings; longest: seconds."""
    contents, name = (np.asarray(value, object).item() for value in (contents, name))  # bytes in a graph
    try:
        with damage_named():
            samples, rate = _mono(contents, name.decode("utf-8", "backslashreplace"), float(longest))
        return samples, np.int32(rate), b""
    except DecodeError as reason:
        return np.zeros(0, np.float32), np.int32(0), str(reason).encode()


def _mono(contents: bytes, name: str, longest: float) -> tuple[np.ndarray, int]:
    mix = MixDown()
    samples, rate = _gathered(contents, mix, longest)
    if (channel := mix.loudest) is not None:
        warn_of_cancelled(name, channel)
        samples, rate = _gathered(contents, MixDown(channel), longest)
    return samples, rate


def _gathered(contents: bytes, mix: MixDown, longest: float) -> tuple[np.ndarray, int]:
    sound = open_sound(io.BytesIO(contents))
    blocks = list(_no_longer(mono_blocks(sound, mix), longest * sound.rate, longest))
    return np.concatenate(blocks) if len(blocks) > 1 else blocks[0], sound.rate


def _no_longer(blocks: Iterator[np.ndarray], most: float, seconds: float) -> Iterator[np.ndarray]:
    samples = 0
    for block in blocks:
        samples += len(block)
        if samples > most:
            raise DecodeError(f"{LONGER} {seconds:g} s")
        yield block
