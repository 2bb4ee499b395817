"""Short sounds for pages: the window of a clip that decided its scores, as MP3, with its picture."""

import os
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from fat_tf.audio import FrontEnd
from fat_tf.audio.decode import LONG_SECONDS, DecodeError, encoded, is_too_long, obstacle, resampled
from fat_tf.audio.long_picture import long_window
from fat_tf.errors import UserError
from fat_tf.pages.picture import log_mel_for, log_mel_png

MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)  # Hz
SMALL = {"bitrate_mode": "CONSTANT", "compression_level": 0.9}  # 64 kbit/s at 44.1 kHz


@dataclass(frozen=True)
class ShortSound:
    """A window of a trimmed clip.

    mp3, png: bytes of the sound and of its log-mel. start, seconds: where it begins, and its length.
    """

    mp3: bytes
    png: bytes
    start: float
    seconds: float


class SoundCutter:
    """Cuts windows out of clips as a model's front end trims them."""

    def __init__(self, front_end: FrontEnd):
        self._front_end = front_end
        self._log_mel = log_mel_for(front_end.sample_rate)
        self._load = tf.function(lambda path: front_end.load(path, LONG_SECONDS), [tf.TensorSpec([], tf.string)])

    def cut(self, path: str, start: float) -> ShortSound:
        """The window of a file that begins `start` seconds into the trimmed clip.

        Raises:
            UserError: why the file gives no sound.
        """
        front_end = self._front_end
        samples = self._samples(path, round(start * front_end.sample_rate))
        mp3 = encoded(*_for_mp3(samples, front_end.sample_rate), "MP3", "MPEG_LAYER_III", **SMALL)
        seconds = len(samples) / front_end.sample_rate
        return ShortSound(mp3, log_mel_png(samples, self._log_mel), start, seconds)

    def _samples(self, path: str, first: int) -> np.ndarray:
        """(samples of a window,) float32 of the trimmed and padded clip."""
        if not (error := obstacle(path)):
            samples, error = (tensor.numpy() for tensor in self._load(os.fsencode(path)))
            error = error.decode()
        if is_too_long(error):
            return _of_long(path, self._front_end, first)
        if error:
            raise UserError(error)
        return samples[first : first + self._front_end.window_samples]


def _of_long(path: str, front_end: FrontEnd, first: int) -> np.ndarray:
    try:
        return long_window(path, front_end, first)
    except (DecodeError, OSError) as error:
        raise UserError(str(error)) from error


def _for_mp3(samples: np.ndarray, rate: int) -> tuple[np.ndarray, int]:
    """The samples at a rate that MP3 has, the next higher one."""
    wanted = next((of_mp3 for of_mp3 in MP3_RATES if of_mp3 >= rate), MP3_RATES[-1])
    return (samples, rate) if rate == wanted else (np.concatenate([*resampled([samples], rate, wanted)]), wanted)
