"""LiteRT (TensorFlow Lite) files for phones and small computers: one window of sound in, scores out."""

import math
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from fat_tf.audio import FrontEnd, LogMel
from fat_tf.audio.log_mel import AMIN
from fat_tf.audio.mel import hann_window
from fat_tf.errors import UserError
from fat_tf.export.dft import mel_power
from fat_tf.export.shared_window import shared_window
from fat_tf.files import written_whole
from fat_tf.inference.run_models import Models
from fat_tf.parts import told

FOREIGN = re.compile(
    r'(?<=Flex ops: ).+|(?<=Custom ops: ).+|(?<=fused\[")\w+'
)  # what LiteRT lacks, in the converter's message

FLOAT, INT8 = "model_float32.tflite", "model_int8.tflite"


def write_litert(folder: Path, models: Models) -> None:
    """Write the models as FLOAT, and as INT8 with 8-bit weights of the networks (dynamic range); one input, one output.

    waveform: float32 (batch, window samples) at the models' rate, trimmed and padded by the caller as
    `FrontEnd.prepare` does. scores: float32 (batch, classes). Built-in operations alone; the batch can be resized, that
    of INT8 to no more than it was first allocated for.

    Raises:
        UserError: runs whose windows differ or are trimmed differently; windows too short for the front end; parts of
            a person's own that LiteRT has no operations for.
    """
    samples = _window_samples(models)
    for name, content in convert(scores_of(models), tf.TensorSpec([None, samples], tf.float32, "waveform")).items():
        with written_whole(folder / name) as unfinished:
            unfinished.write_bytes(content)


def _window_samples(models: Models) -> int:
    ours = [group.front_end.spectrogram for group in models.groups if _is_ours(group.front_end)]
    samples, longest = shared_window(models), max((max(log_mel.windows) for log_mel in ours), default=0)
    if samples <= longest // 2:
        raise UserError(
            f"A window of {samples} samples cannot be mirrored by half of n_fft {longest}: export --format=savedmodel"
        )
    return samples


def convert(function: Callable, spec: tf.TensorSpec) -> dict[str, bytes]:
    """A function of one tensor as LiteRT: the contents of FLOAT and INT8."""
    archive = keras.export.ExportArchive()
    archive.add_endpoint("serve", function, [spec])
    with tempfile.TemporaryDirectory() as scratch:
        archive.write_out(scratch, verbose=False)
        return {name: _converted(scratch, how) for name, how in ((FLOAT, []), (INT8, [tf.lite.Optimize.DEFAULT]))}


def _converted(saved_model: str, optimizations: list[tf.lite.Optimize]) -> bytes:
    converter = tf.lite.TFLiteConverter.from_saved_model(saved_model)
    converter.optimizations = optimizations
    try:
        with _without_notices():
            content = converter.convert()
            interpreter = tf.lite.Interpreter(model_content=content)
            interpreter.allocate_tensors()
            interpreter.invoke()
    except Exception as error:  # the converter and the interpreter have many kinds, of C++ too
        foreign = ", ".join(dict.fromkeys(FOREIGN.findall(str(error))))
        why = f"it has no {foreign}, which parts of your own need" if foreign else told(error)
        raise UserError(f"LiteRT cannot run these models: {why}. Export them with --format=savedmodel") from error
    return content


@contextmanager
def _without_notices() -> Iterator[None]:
    """The converter's C++ code tells of each of its defaults on stderr; what is wrong it raises."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def scores_of(models: Models, from_sound: bool = True) -> Callable:
    """(batch, window samples), or pictures of one front end, to {"scores": (batch, classes)}."""

    def serve(inputs):
        scores = []
        for group in models.groups:
            picture = _drawn(inputs, group.front_end) if from_sound else inputs
            for network, weight in zip(group.networks, group.weights, strict=True):
                scores.append(weight * tf.sigmoid(tf.cast(network(picture, training=False), tf.float32)))
        return {"scores": tf.add_n(scores)}

    return serve


def _drawn(waveform: tf.Tensor, front_end: FrontEnd) -> tf.Tensor:
    """What a front end draws: the package's own with other operations, one of a person's own as it is."""
    return _picture(waveform, front_end.spectrogram) if _is_ours(front_end) else front_end(waveform)


def _is_ours(front_end: FrontEnd) -> bool:
    return type(front_end) is FrontEnd and type(front_end.spectrogram) is LogMel


def _picture(waveform: tf.Tensor, log_mel: LogMel) -> tf.Tensor:
    """What `log_mel` draws of a batch of windows, with operations that LiteRT has."""
    # Unknown to the converter: the quantiser leaves matrices alone that are multiplied by it. At 8 bits they would put
    # cells of the picture 50 dB off.
    one = tf.cast(tf.minimum(tf.shape(waveform)[0], 1), tf.float32)
    channels = []
    for window, filters in zip(log_mel.windows, log_mel.filters, strict=True):
        frames = _frames(waveform, window, log_mel.hop_length)
        mel = mel_power(tf.reshape(frames, [-1, window]) * hann_window(window).astype(np.float32), filters, one)
        decibels = tf.reshape(
            10 / np.log(10.0) * tf.math.log(tf.maximum(mel, AMIN)), [-1, *frames.shape[1:2], log_mel.n_mels]
        )
        floor = tf.reduce_max(decibels, axis=[1, 2], keepdims=True) - log_mel.top_db
        channels.append(tf.expand_dims(tf.transpose(tf.maximum(decibels, floor), [0, 2, 1]), -1))
    return tf.concat(channels, axis=-1) if len(channels) > 1 else channels[0]


def _frames(waveform: tf.Tensor, window: int, hop: int) -> tf.Tensor:
    """Centred frames (batch, frames, window), gathered from blocks that they all are made of."""
    padded = tf.pad(waveform, [[0, 0], [window // 2, window // 2]], "REFLECT")
    block = math.gcd(window, hop)
    whole = padded.shape[1] // block
    blocks = tf.reshape(padded[:, : whole * block], [-1, whole, block])
    count = 1 + waveform.shape[1] // hop
    places = np.arange(count)[:, None] * (hop // block) + np.arange(window // block)
    return tf.reshape(tf.gather(blocks, places, axis=1), [-1, count, window])
