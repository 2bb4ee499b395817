"""All that lies between a file's samples and a model's picture, in one object that is saved with the model."""

import json
from functools import cached_property

import gin
import keras
import tensorflow as tf

from fat_tf.audio.decode import load_audio
from fat_tf.audio.log_mel import LogMel
from fat_tf.audio.trim import trim_silence
from fat_tf.errors import listed

PADDINGS = ("zeros", "wrap")
LONGEST_WINDOW = 3600.0  # seconds


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class FrontEnd(keras.layers.Layer):
    """Trim, pad, draw: the way of a sound to the picture that models see.

    Args:
        spectrogram: draws the picture: a LogMel, or a layer of your own with the attributes `sample_rate` (Hz, that
            files are resampled to) and `hop_length` (samples), no weights, and a call like LogMel's: waveform
            (batch, samples) and lengths to (batch, rows, 1 + samples // hop_length, channels).
        trim_db: silence at both ends is cut this many dB below the loudest frame.
        window_seconds: length of sound a model sees at once; shorter clips are padded.
        padding: of these, "zeros" at both ends, or "wrap": repeated from their middle position on to both sides.

    Call arguments:
        waveform: (batch, samples) float32, already trimmed and padded: windows, or whole clips.
        lengths: (batch,) int, samples of each clip where the batch is padded.

    Returns:
        dB, (batch, rows, 1 + samples // hop_length, channels) float32; of a window (batch, *picture_shape).

    Raises:
        ValueError: trim_db or window_seconds of 0 or less, a window above an hour, another padding.
    """

    def __init__(
        self,
        spectrogram: keras.layers.Layer | None = None,
        trim_db: float = 60.0,
        window_seconds: float = 4.0,
        padding: str = "zeros",
        name: str = "front_end",
    ):
        super().__init__(name=name, dtype="float32", autocast=False, trainable=False)
        if not trim_db > 0:
            raise ValueError(f"FrontEnd: trim_db must be above 0, not {trim_db}")
        if not 0 < window_seconds <= LONGEST_WINDOW:
            raise ValueError(
                f"FrontEnd: window_seconds must be above 0 and up to {LONGEST_WINDOW:g}, not {window_seconds}"
            )
        if padding not in PADDINGS:
            raise ValueError(f"FrontEnd: padding is one of {listed(PADDINGS)}, not {padding!r}")
        self.spectrogram = spectrogram or LogMel()
        self.trim_db = trim_db
        self.window_seconds = window_seconds
        self.padding = padding

    @property
    def sample_rate(self) -> int:
        """Hz."""
        return self.spectrogram.sample_rate

    @property
    def hop_length(self) -> int:
        """Samples from one frame to the next."""
        return self.spectrogram.hop_length

    @property
    def window_samples(self) -> int:
        """Samples a model sees at once."""
        return round(self.window_seconds * self.sample_rate)

    @property
    def window_frames(self) -> int:
        """Frames of a model's picture: its width."""
        return 1 + self.window_samples // self.hop_length

    @cached_property
    def picture_shape(self) -> tuple[int, int, int]:
        """(mels, frames, channels) of a model's input."""
        window = keras.KerasTensor((1, self.window_samples), "float32")
        return tuple(self.spectrogram.compute_output_spec(window).shape[1:])

    @property
    def frame_values(self) -> int:
        """Values that one frame of a picture has, over mels and channels."""
        mels, _, channels = self.picture_shape
        return mels * channels

    @property
    def key(self) -> str:
        """JSON of classes and settings: equal where the pictures are, whatever the layers are called."""
        kind = f"{type(self).__module__}.{type(self).__name__}"
        return json.dumps(_settings({"class": kind, **self.get_config()}), sort_keys=True)

    def fresh(self, **changes: object) -> "FrontEnd":
        """A layer of the same settings but for some: layers that models share would keep all of them in memory."""
        return type(self).from_config(self.get_config() | changes)

    def load(self, path: tf.Tensor, longest: float = float("inf")) -> tuple[tf.Tensor, tf.Tensor]:
        """A file, trimmed and at least one window long: (float32 (samples,), error text or empty) of `load_audio`."""
        samples, error = load_audio(path, self.sample_rate, longest)
        samples = tf.cond(error == "", lambda: self.prepare(samples), lambda: samples)
        return tf.ensure_shape(samples, [None]), error

    def prepare(self, samples: tf.Tensor) -> tf.Tensor:
        """Trim, then pad a clip (samples,) to at least one window."""
        return self.pad(trim_silence(samples, self.trim_db))

    def pad(self, samples: tf.Tensor) -> tf.Tensor:
        """A clip (samples,) in the middle of silence, or of itself, if it is shorter than a window."""
        missing = tf.maximum(self.window_samples - tf.size(samples), 0)
        if self.padding == "zeros":
            return tf.pad(samples, [[missing // 2, missing - missing // 2]])
        places = tf.range(tf.size(samples) + missing) - missing // 2
        return tf.cond(missing > 0, lambda: tf.gather(samples, places % tf.size(samples)), lambda: samples)

    def build(self, waveform_shape):
        self.spectrogram.build(waveform_shape)

    def call(self, waveform, lengths=None):
        return self.spectrogram(waveform, lengths=lengths)

    def compute_output_shape(self, waveform_shape, lengths_shape=None):
        (batch, samples), (mels, _, channels) = waveform_shape, self.picture_shape
        return (batch, mels, None if samples is None else 1 + samples // self.hop_length, channels)

    def get_config(self):
        drawn_by = keras.saving.serialize_keras_object(self.spectrogram)
        drawn_by.pop("build_config", None)  # it has no weights; settings do not change when it is first called
        return {
            "name": self.name,
            "spectrogram": drawn_by,
            "trim_db": self.trim_db,
            "window_seconds": self.window_seconds,
            **({} if self.padding == "zeros" else {"padding": self.padding}),  # without it the key of older caches
        }

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        if "log_mel" in config:  # of a run before front ends could be a person's own
            return cls(LogMel.from_config(config.pop("log_mel")), **config)
        return cls(keras.saving.deserialize_keras_object(config.pop("spectrogram")), **config)


def _settings(config: object) -> object:
    """A configuration without names, its numbers as floats: 20 and 20.0 make the same picture."""
    if isinstance(config, dict):
        return {key: _settings(one) for key, one in config.items() if key != "name"}
    if isinstance(config, tuple | list):
        return [_settings(one) for one in config]
    return float(config) if isinstance(config, int) and not isinstance(config, bool) else config
