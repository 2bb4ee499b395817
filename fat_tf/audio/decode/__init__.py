"""Sound files to mono float32 at one sample rate, inside tf.data or by blocks.

tensorflow-io decodes the WAV files that it is exact and fast on, soundfile (libsndfile) what it reads rightly or can be
made to, FFmpeg the rest where it is installed. No other module imports a decoder.
"""

from fat_tf.audio.decode.by_ffmpeg import has_ffmpeg, read_by_ffmpeg
from fat_tf.audio.decode.by_soundfile import Described, described, encoded
from fat_tf.audio.decode.by_tensorflow_io import tensorflow_io_works
from fat_tf.audio.decode.limits import LOUDEST, SHORTEST
from fat_tf.audio.decode.load import load_audio, obstacle
from fat_tf.audio.decode.long import LONG_SECONDS, LongSound, is_too_long
from fat_tf.audio.decode.part import DecodeError
from fat_tf.audio.decode.resample import resampled

__all__ = [
    "LONG_SECONDS",
    "LOUDEST",
    "SHORTEST",
    "DecodeError",
    "Described",
    "LongSound",
    "described",
    "encoded",
    "has_ffmpeg",
    "is_too_long",
    "load_audio",
    "obstacle",
    "read_by_ffmpeg",
    "resampled",
    "tensorflow_io_works",
]
