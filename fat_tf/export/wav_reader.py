"""WAV bytes to samples with core operations alone, none of which can fail, whatever the bytes.

A decoder that raises would end the whole batch of a server, so the chunks of a file are read in the graph.
"""

import tensorflow as tf

from fat_tf.audio.channels import mixed
from fat_tf.audio.wav_header import CHUNK_HEADER, DATA, EXTENSIBLE, FMT, PCM, RIFF, RIFF_HEADER, UNKNOWN_LENGTHS, WAVE
from fat_tf.export.graph_errors import first_error

FORMAT_HALVES = 13  # 16-bit words of a format chunk up to the code of an extensible format
MOST_CHUNKS = 100


def decode_wav(contents: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Read 16-bit PCM WAV, plain or extensible; channels averaged, or the loudest one if they cancel each other out.

    Args:
        contents: scalar string, the bytes of a file.

    Returns:
        (samples, rate, error): float32 (samples,) in [-1, 1), int32 in Hz, and a scalar string that is empty on
        success. On an error, such as bytes that the header promises and that are missing, there are no samples.
    """
    total = tf.cast(tf.strings.length(contents), tf.int64)
    riff, _, wave = tf.unstack(_words(contents, tf.constant(0, tf.int64), 3))
    found, form, data, claimed = _find_chunks(contents, total)
    kind, channels, rate, align, bits = _format(contents, form)
    is_unknown = (claimed >= UNKNOWN_LENGTHS) & (claimed > total - data)
    size = tf.where(is_unknown, total - data, claimed)
    error = first_error(
        (total == 0, "empty"),
        ((riff != RIFF) | (wave != WAVE), "not a WAV file"),
        (~found, "damaged or cut short: a WAV file without its format or its sound"),
        ((kind != PCM) | (bits != 16), tf.strings.format("not 16-bit PCM but format {} of {} bits", (kind, bits))),
        ((channels == 0) | (align != 2 * channels), "damaged: channels and block size do not fit together"),
        (size > total - data, tf.strings.format("cut short: {} of {} bytes of sound", (total - data, size))),
    )
    frames = tf.where(error == "", size // tf.maximum(align, 1), 0)
    pcm = tf.io.decode_raw(tf.strings.substr(contents, data, frames * align), tf.int16)
    by_frame = tf.reshape(tf.cast(pcm, tf.float32), tf.stack([frames, tf.where(error == "", channels, 1)]))
    return mixed(by_frame / 32768.0), tf.cast(rate, tf.int32), error


def _find_chunks(contents: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """(whether both are there, place of the format chunk, place of the data, bytes of it as claimed)."""

    def step(place, form, data, size):
        tag, claimed = tf.unstack(_words(contents, place, 2))
        inside = place + CHUNK_HEADER
        form = tf.where(tag == FMT, inside, form)
        data, size = tf.where(tag == DATA, inside, data), tf.where(tag == DATA, claimed, size)
        return inside + claimed + claimed % 2, form, data, size

    zero = tf.zeros([], tf.int64)
    _, form, data, size = tf.while_loop(
        lambda place, form, data, size: (data == 0) & (place + CHUNK_HEADER <= total),
        step,
        [zero + RIFF_HEADER, zero, zero, zero],
        maximum_iterations=MOST_CHUNKS,
    )
    return (form > 0) & (data > 0), form, data, size


def _format(contents: tf.Tensor, form: tf.Tensor) -> list[tf.Tensor]:
    """[kind, channels, rate in Hz, bytes of a frame, bits of a sample] int64 of the format chunk."""
    half = tf.unstack(_numbers(contents, form, FORMAT_HALVES, tf.uint16))
    kind = tf.where(half[0] == EXTENSIBLE, half[12], half[0])
    return [kind, half[1], half[2] + half[3] * 65536, half[6], half[7]]


def _words(contents: tf.Tensor, place: tf.Tensor, count: int) -> tf.Tensor:
    return _numbers(contents, place, count, tf.uint32)


def _numbers(contents: tf.Tensor, place: tf.Tensor, count: int, dtype: tf.DType) -> tf.Tensor:
    """Little-endian numbers (count,) int64 from a place in the bytes; zeros after their end."""
    wanted = count * dtype.size
    there = tf.strings.substr(contents, tf.minimum(place, tf.cast(tf.strings.length(contents), tf.int64)), wanted)
    padded = tf.strings.substr(tf.strings.join([there, "\0" * wanted]), 0, wanted)
    bytes_ = tf.cast(tf.reshape(tf.io.decode_raw(padded, tf.uint8), [count, dtype.size]), tf.int64)
    return tf.reduce_sum(bytes_ * tf.constant([256**i for i in range(dtype.size)], tf.int64), axis=1)
