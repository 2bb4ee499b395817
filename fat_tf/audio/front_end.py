"""All that lies between a file's samples and a model's picture, in one object that is saved with the model."""

import gin
import keras
import tensorflow as tf

from fat_tf.audio.decode import load_audio
from fat_tf.audio.log_mel import LogMel
from fat_tf.audio.trim import trim_silence


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class FrontEnd(keras.layers.Layer):
    """Trim, pad, log-mel: the way of a sound to the picture that models see.

    Args:
        log_mel: the layer that draws the picture; its sample rate is the one files are resampled to.
        trim_db: silence at both ends is cut this many dB below the loudest frame.
        window_seconds: length of sound a model sees at once; shorter clips get centred zero padding.

    Call arguments:
        waveform: (batch, samples) float32, windows that are already trimmed and padded.

    Returns:
        dB, (batch, *picture_shape) float32.

    Raises:
        ValueError: trim_db or window_seconds of 0 or less.
    """

    def __init__(
        self,
        log_mel: LogMel | None = None,
        trim_db: float = 60.0,
        window_seconds: float = 4.0,
        name: str = "front_end",
    ):
        super().__init__(name=name, dtype="float32", autocast=False, trainable=False)
        if trim_db <= 0 or window_seconds <= 0:
            raise ValueError(f"FrontEnd: trim_db and window_seconds must be above 0, not {trim_db}, {window_seconds}")
        self.log_mel = log_mel or LogMel()
        self.trim_db = trim_db
        self.window_seconds = window_seconds

    @property
    def sample_rate(self) -> int:
        """Hz."""
        return self.log_mel.sample_rate

    @property
    def window_samples(self) -> int:
        """Samples a model sees at once."""
        return round(self.window_seconds * self.sample_rate)

    @property
    def window_frames(self) -> int:
        """Frames of a model's picture: its width."""
        return 1 + self.window_samples // self.log_mel.hop_length

    @property
    def picture_shape(self) -> tuple[int, int, int]:
        """(mels, frames, channels) of a model's input."""
        return (self.log_mel.n_mels, self.window_frames, len(self.log_mel.windows))

    @property
    def frame_values(self) -> int:
        """Values that one frame of a picture has, over mels and channels."""
        return self.log_mel.n_mels * len(self.log_mel.windows)

    def load(self, path: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """A file, trimmed and at least one window long: (float32 (samples,), error text or empty)."""
        samples, error = load_audio(path, self.sample_rate)
        samples = tf.cond(error == "", lambda: self.prepare(samples), lambda: samples)
        return tf.ensure_shape(samples, [None]), error

    def prepare(self, samples: tf.Tensor) -> tf.Tensor:
        """Trim, then pad a clip (samples,) to at least one window."""
        samples = trim_silence(samples, self.trim_db)
        missing = tf.maximum(self.window_samples - tf.size(samples), 0)
        return tf.pad(samples, [[missing // 2, missing - missing // 2]])

    def build(self, waveform_shape):
        self.log_mel.build(waveform_shape)

    def call(self, waveform):
        return self.log_mel(waveform)

    def compute_output_shape(self, waveform_shape):
        return self.log_mel.compute_output_shape(waveform_shape)

    def get_config(self):
        return {
            "name": self.name,
            "log_mel": self.log_mel.get_config(),
            "trim_db": self.trim_db,
            "window_seconds": self.window_seconds,
        }

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "log_mel": LogMel.from_config(config["log_mel"])})
