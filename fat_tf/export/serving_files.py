"""What TensorFlow Serving reads beside a SavedModel: requests to warm up with, and how to make batches of others."""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from fat_tf.files import written_whole

WARMUP = "assets.extra/tf_serving_warmup_requests"  # below the version folder; the server looks for this name

BATCHING_PARAMETERS = """\
# How TensorFlow Serving gathers requests into batches, on CPUs; a text proto BatchingParameters. To use it:
#   tensorflow_model_server ... --enable_batching --batching_parameters_file=<this file>

# Clips in a batch, and so in one request: 33 in one are refused. On CPUs a clip takes about as long in a batch as
# alone, and all clips of a batch wait for the last one, so a larger batch gains nothing.
max_batch_size { value: 32 }

# Wait for no further requests while a thread is free. When none is, requests gather by themselves.
batch_timeout_micros { value: 0 }

# One batch keeps all cores busy in its convolutions; a second one is decoded meanwhile.
num_batch_threads { value: 2 }

# Batches that may wait, for each signature. Further requests fail at once (UNAVAILABLE) instead of waiting for long.
max_enqueued_batches { value: 4 }

# The server fills up waveforms of different lengths with their first sample; `lengths` says what counts. It fills up
# pictures too, and `log_mel` has no lengths: with batching on, send it pictures of one width.
pad_variable_length_inputs: true
"""


def write_warmup(file: Path, requests: Mapping[str, Mapping[str, np.ndarray | list[bytes]]]) -> None:
    """Write requests that TensorFlow Serving runs before it takes others: a TFRecord with a PredictionLog each.

    They name no model: the server runs them on the one that it loads, whatever it is called. It does not load a model
    that one of them fails on. (https://www.tensorflow.org/tfx/serving/saved_model_warmup)

    Args:
        file: `WARMUP` below the model's version folder.
        requests: inputs by name, for each signature; bytes as lists, since NumPy cuts zeros at their end.

    Raises:
        UserError: the file cannot be written.
    """
    with written_whole(file) as unfinished, tf.io.TFRecordWriter(os.fsencode(unfinished)) as writer:
        for signature, inputs in requests.items():
            writer.write(prediction_log(signature, inputs))


def prediction_log(signature: str, inputs: Mapping[str, np.ndarray | list[bytes]]) -> bytes:
    """A tensorflow.serving.PredictionLog with one PredictRequest, serialised.

    Written by hand, since tensorflow-serving-api, which has the classes, brings gRPC and a TensorFlow of its own.
    """
    request = _field(1, _field(3, signature.encode()))  # model_spec { signature_name }
    for name, values in inputs.items():
        tensor = tf.make_tensor_proto(values).SerializeToString()
        request += _field(2, _field(1, name.encode()) + _field(2, tensor))  # inputs { key, value }
    return _field(6, _field(1, request))  # predict_log { request }


def _field(number: int, content: bytes) -> bytes:
    """A field of known length in protobuf's wire format (https://protobuf.dev/programming-guides/encoding)."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; all bytes but the last have the top bit set."""
    more, low = divmod(number, 128)
    return bytes([low | 128]) + _varint(more) if more else bytes([low])
