"""Sound files to mono float32 at one sample rate, inside tf.data.

tensorflow-io decodes the WAV files that it is exact and fast on, soundfile (libsndfile) all others. No other module
imports a decoder.
"""

from fat_tf.audio.decode.by_soundfile import duration, encoded
from fat_tf.audio.decode.by_tensorflow_io import tensorflow_io_works
from fat_tf.audio.decode.limits import LOUDEST, SHORTEST
from fat_tf.audio.decode.load import load_audio, why_unreadable

__all__ = ["LOUDEST", "SHORTEST", "duration", "encoded", "load_audio", "tensorflow_io_works", "why_unreadable"]
