"""Silence at both ends of a clip, cut as librosa.effects.trim cuts it."""

import tensorflow as tf


def trim_silence(
    samples: tf.Tensor, top_db: float = 60.0, frame_length: int = 2048, hop_length: int = 512
) -> tf.Tensor:
    """Cut leading and trailing frames whose RMS is `top_db` or more below the loudest frame's.

    Equals `librosa.effects.trim` (centred frames over zero padding, reference: the maximum, amin 1e-5).
    A clip of digital silence stays as it is.

    Args:
        samples: (samples,) float32.
        top_db: dB.
        frame_length, hop_length: samples.

    Returns:
        (samples left,) float32.
    """
    total = tf.size(samples)
    energy = tf.concat([[0.0], tf.cumsum(tf.square(tf.cast(samples, tf.float64)))], 0)
    centres = tf.range(0, total + 1, hop_length)
    first = tf.maximum(centres - frame_length // 2, 0)
    last = tf.minimum(centres + frame_length // 2, total)
    power = (tf.gather(energy, last) - tf.gather(energy, first)) / frame_length
    power = tf.maximum(power, 1e-10)
    loud = tf.where(power > tf.reduce_max(power) * 10.0 ** (-top_db / 10.0))[:, 0]
    begin = tf.cast(loud[0], tf.int32) * hop_length
    end = tf.minimum((tf.cast(loud[-1], tf.int32) + 1) * hop_length, total)
    return samples[begin:end]
