"""From the bytes of a sound file to its log-mel picture."""

from fat_tf.audio.decode import load_audio
from fat_tf.audio.front_end import FrontEnd
from fat_tf.audio.log_mel import LogMel
from fat_tf.audio.trim import trim_silence

__all__ = ["FrontEnd", "LogMel", "load_audio", "trim_silence"]
