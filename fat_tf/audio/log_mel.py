"""The log-mel picture of a batch of clips."""

from collections.abc import Sequence

import gin
import keras
import numpy as np
import tensorflow as tf

from fat_tf.audio.mel import hann_window, mel_filters

AMIN = 1e-10  # power that counts as silence: -100 dB

FRAMES_AT_ONCE = 128  # of all clips of a batch; 1 MB each of frames and spectra, which stay in the processor's cache
FRAMES_OF_LONG = 1024  # of one clip, drawn by blocks: 8 MB of frames and as much of spectra
FFT_DTYPES = ("float32", "float64")


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class LogMel(keras.layers.Layer):
    """Log-mel spectrogram in dB, equal to librosa's for each clip of a padded batch.

    librosa.power_to_db(librosa.feature.melspectrogram(clip, pad_mode="reflect", power=2, ...), amin=1e-10,
    top_db=80), where the floor lies `top_db` below the maximum of the clip itself. Powers span eight orders of
    magnitude, so no dtype policy reaches inside: the output is float32 always.

    Args:
        sample_rate, fmin, fmax: Hz.
        n_fft: window (periodic Hann) and FFT length, samples; several give a channel of the picture each.
        hop_length: samples.
        n_mels: rows of the picture (Slaney scale and norm).
        top_db: dynamic range kept, dB.
        fft_dtype: "float32", as librosa's own spectra are stored: within 0.001 dB of it on recordings, but a cell 80 dB
            below a pure tone may be 0.02 dB off. "float64": within 1e-4 dB there too, in half as much time again.

    Call arguments:
        waveform: (batch, samples) float32.
        lengths: (batch,) int, samples of each clip where the batch is padded; at least 1.

    Returns:
        dB, (batch, n_mels, 1 + samples // hop_length, windows) float32. The first 1 + lengths // hop_length frames of
        a clip equal those of the clip alone; the frames after them are at the clip's floor.

    Raises:
        ValueError: fmax above sample_rate / 2, fmin not below fmax, an odd n_fft, a size below 1, another fft_dtype.
    """

    def __init__(
        self,
        sample_rate: int = 44100,
        n_fft: int | Sequence[int] = 1920,
        hop_length: int = 690,
        n_mels: int = 64,
        fmin: float = 20.0,
        fmax: float = 22050.0,
        top_db: float = 80.0,
        fft_dtype: str = "float32",
        name: str = "log_mel",
    ):
        super().__init__(name=name, dtype="float32", autocast=False, trainable=False)
        if not 0 <= fmin < fmax <= sample_rate / 2:
            raise ValueError(f"LogMel: 0 <= fmin < fmax <= sample_rate / 2, not {fmin}, {fmax}, {sample_rate}")
        windows = [n_fft] if isinstance(n_fft, int) else list(n_fft)
        odd = any(window % 2 for window in windows)
        if odd or min(*windows, hop_length, n_mels) < 1 or top_db <= 0 or fft_dtype not in FFT_DTYPES:
            sizes = f"n_fft {n_fft}, hop_length {hop_length}, n_mels {n_mels}, top_db {top_db}, {fft_dtype}"
            raise ValueError(
                f"LogMel: even n_fft, sizes of 1 or more, top_db above 0, one of {FFT_DTYPES}; not {sizes}"
            )
        self.sample_rate = sample_rate
        self.n_fft = n_fft if isinstance(n_fft, int) else tuple(n_fft)  # a list, when it comes from a file
        self.windows = windows
        self.hop_length = hop_length
        self.n_mels = n_mels
        self.fmin = fmin
        self.fmax = fmax
        self.top_db = top_db
        self.fft_dtype = fft_dtype
        self.filters = [mel_filters(sample_rate, window, n_mels, fmin, fmax) for window in windows]

    def call(self, waveform, lengths=None):
        waveform = tf.cast(waveform, tf.float32)
        channels = []
        for window, filters in zip(self.windows, self.filters, strict=True):
            power = self._mel_power(_reflected(waveform, lengths, window // 2), window, filters)
            channels.append(tf.transpose(self._floored(_decibels(power), lengths), [0, 2, 1]))
        pictures = tf.stack(channels, axis=-1)
        pictures.set_shape(self.compute_output_shape(waveform.shape))  # layers behind it may need to know the frames
        return pictures

    def _mel_power(self, padded, window, filters):
        """(batch, frames, n_mels) of (batch, samples); of clips of any length, some frames at a time.

        Overlapping frames and their spectra take 20 times the memory of the sound, and new memory costs more time than
        the transform.
        """
        if padded.shape[1] is not None:
            return self._mel_power_of_part(padded, window, filters)
        frames = 1 + (tf.shape(padded)[1] - window) // self.hop_length
        at_once = tf.maximum(FRAMES_AT_ONCE // tf.maximum(tf.shape(padded)[0], 1), 1)

        def step(number, parts):
            first = number * at_once
            last = tf.minimum(first + at_once, frames) - 1
            part = padded[:, first * self.hop_length : last * self.hop_length + window]
            power = self._mel_power_of_part(part, window, filters)
            return number + 1, parts.write(number, tf.transpose(power, [1, 0, 2]))

        steps = (frames - 1) // at_once + 1
        parts = tf.TensorArray(tf.float32, steps, element_shape=[None, padded.shape[0], self.n_mels], infer_shape=False)
        parts = tf.while_loop(lambda number, _: number < steps, step, [0, parts], parallel_iterations=1)[1]
        return tf.transpose(parts.concat(), [1, 0, 2])

    def _mel_power_of_part(self, padded, window, filters):
        """|STFT|² times the filters of (batch, samples): (batch, frames, n_mels) float32."""
        frames = tf.signal.frame(padded, window, self.hop_length)
        flat = tf.cast(tf.reshape(frames, [-1, window]), self.fft_dtype)  # of a batch of matrices products are slower
        spectrum = tf.signal.rfft(flat * tf.constant(hann_window(window), self.fft_dtype))
        power = tf.square(tf.math.real(spectrum)) + tf.square(tf.math.imag(spectrum))
        mel = tf.matmul(tf.cast(power, tf.float32), filters)
        return tf.reshape(mel, [tf.shape(padded)[0], -1, self.n_mels])

    def draw_blocks(self, blocks, samples):
        """The picture of one clip that comes in blocks, and is not in memory whole.

        Args:
            blocks: (samples,) float32 each, of any lengths.
            samples: of all of them, more than half a window.

        Returns:
            dB, (n_mels, 1 + samples // hop_length, windows) float32, as a call gives it.
        """
        reach = max(self.windows) // 2
        picture = np.empty((self.n_mels, 1 + samples // self.hop_length, len(self.windows)), np.float32)
        done = 0
        for part in _overlapping(_with_mirrored_ends(blocks, reach), self.hop_length, 2 * reach):
            for channel, (window, filters) in enumerate(zip(self.windows, self.filters, strict=True)):
                outside = reach - window // 2
                power = self._mel_power_of_part(part[None, outside : len(part) - outside], window, filters)
                columns = _decibels(power)[0].numpy().T
                picture[:, done : done + columns.shape[1], channel] = columns
            done += columns.shape[1]
        return np.maximum(picture, picture.max(axis=(0, 1)) - np.float32(self.top_db), out=picture)

    def _floored(self, decibels, lengths):
        """The floor below the maximum of each clip; decibels and result (batch, frames, n_mels)."""
        inside = decibels
        if lengths is not None:
            frames = 1 + tf.cast(lengths, tf.int32) // self.hop_length
            mask = tf.sequence_mask(frames, tf.shape(decibels)[1])[..., None]
            inside = tf.where(mask, decibels, decibels.dtype.min)
        floor = tf.reduce_max(inside, axis=[1, 2], keepdims=True) - self.top_db
        return tf.maximum(inside, floor)

    def compute_output_shape(self, waveform_shape, lengths_shape=None):
        samples = waveform_shape[1]
        frames = None if samples is None else 1 + samples // self.hop_length
        return (waveform_shape[0], self.n_mels, frames, len(self.windows))

    def get_config(self):
        names = ("sample_rate", "n_fft", "hop_length", "n_mels", "fmin", "fmax", "top_db", "fft_dtype")
        return {"name": self.name, **{name: getattr(self, name) for name in names}}


def _decibels(power):
    return 10.0 / tf.math.log(10.0) * tf.math.log(tf.maximum(power, AMIN))


def _with_mirrored_ends(blocks, pad):
    """The blocks of a clip after `pad` mirrored samples, and before as many: `_reflected`, bit by bit."""
    held, is_first = np.zeros(0, np.float32), True
    for block in blocks:
        held = np.concatenate([held, block])
        if is_first and len(held) > pad:
            yield held[pad:0:-1]
            is_first = False
        if len(held) > pad + 1:
            yield held[: -pad - 1]
            held = held[-pad - 1 :]
    yield held
    yield held[-2 : -pad - 2 : -1]


def _overlapping(blocks, hop, overlap):
    """Stretches of whole frames, each of them with the `overlap` samples that its last frame reaches beyond it."""
    held = np.zeros(0, np.float32)
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) >= FRAMES_OF_LONG * hop + overlap:
            yield held[: (FRAMES_OF_LONG - 1) * hop + overlap]
            held = held[FRAMES_OF_LONG * hop :]
    frames = 1 + (len(held) - overlap) // hop
    if frames > 0:
        yield held[: (frames - 1) * hop + overlap]


def _reflected(waveform, lengths, pad):
    """Centre the frames: `pad` mirrored samples before each clip and after its own last sample."""
    batch, samples = tf.unstack(tf.shape(waveform))
    ends = tf.fill([batch], samples) if lengths is None else tf.cast(lengths, tf.int32)
    steps = tf.range(pad)[None]
    head = _mirrored(waveform, ends, steps - pad)
    tail = _mirrored(waveform, ends, ends[:, None] + steps)
    padded = tf.concat([head, waveform, tail], axis=1)
    if lengths is None:
        return padded
    rows = tf.broadcast_to(tf.range(batch)[:, None], tf.shape(tail))
    after = tf.stack([rows, pad + ends[:, None] + steps], axis=-1)
    return tf.tensor_scatter_nd_update(padded, after, tail)


def _mirrored(waveform, lengths, places):
    """Samples (batch, n) at places outside of a clip, which goes on mirrored at both ends, again and again if short."""
    last = lengths[:, None] - 1
    places = tf.math.floormod(tf.abs(places), tf.maximum(2 * last, 1))
    return tf.gather(waveform, tf.minimum(places, 2 * last - places), batch_dims=1)
