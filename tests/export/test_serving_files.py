"""Warm-up requests and batching parameters, read by protobuf itself with TensorFlow Serving's schemas."""

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorflow.core.framework.tensor_pb2 import TensorProto

from fat_tf.errors import UserError
from fat_tf.export.serving_files import BATCHING_PARAMETERS, WARMUP, prediction_log, write_warmup

# What the classes of tensorflow-serving-api 2.17.1 serialise for these requests.
GOLDEN = {
    "serving_default": "32330a310a111a0f73657276696e675f64656661756c74121c0a097761765f6279746573"
    "120f080712041202080142055249464600",
    "waveform": "324a0a480a0a1a0877617665666f726d12160a076c656e67746873120b08031204120208013a0102"
    "12220a0877617665666f726d121608011208120208011202080222080000003f000080be",
}
REQUESTS = {
    "serving_default": {"wav_bytes": [b"RIFF\0"]},
    "waveform": {"lengths": np.array([2], np.int32), "waveform": np.array([[0.5, -0.25]], np.float32)},
}
# Message: field: (number, type, label); of apis/{prediction_log,predict,model}.proto and session_bundle_config.proto
SCHEMA = {
    "PredictionLog": {"predict_log": (6, "PredictLog")},
    "PredictLog": {"request": (1, "PredictRequest")},
    "PredictRequest": {"model_spec": (1, "ModelSpec"), "inputs": (2, "repeated Input")},
    "ModelSpec": {"name": (1, "string"), "signature_name": (3, "string")},
    "Input": {"key": (1, "string"), "value": (2, "bytes")},
    "Int64Value": {"value": (1, "int64")},
    "BatchingParameters": {
        "max_batch_size": (1, "Int64Value"),
        "batch_timeout_micros": (2, "Int64Value"),
        "max_enqueued_batches": (3, "Int64Value"),
        "num_batch_threads": (4, "Int64Value"),
        "pad_variable_length_inputs": (7, "bool"),
    },
}


@pytest.fixture(scope="module")
def messages():
    """Message classes of the schema by name."""
    file = descriptor_pb2.FileDescriptorProto(name="serving.proto", package="serving", syntax="proto3")
    field_type = descriptor_pb2.FieldDescriptorProto
    for message, fields in SCHEMA.items():
        made = file.message_type.add(name=message)
        for name, (number, kind) in fields.items():
            kind, repeated = kind.removeprefix("repeated "), kind.startswith("repeated ")
            field = made.field.add(name=name, number=number, label=3 if repeated else 1)
            if kind in SCHEMA:
                field.type, field.type_name = field_type.TYPE_MESSAGE, f".serving.{kind}"
            else:
                field.type = getattr(field_type, f"TYPE_{kind.upper()}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"serving.{name}")) for name in SCHEMA}


@pytest.mark.parametrize("signature", GOLDEN)
def test_a_request_is_what_the_servers_own_classes_write(signature):
    assert prediction_log(signature, REQUESTS[signature]).hex() == GOLDEN[signature]


@settings(max_examples=50)
@given(
    signature=st.text(max_size=300),
    contents=st.lists(st.binary(max_size=20_000), min_size=1, max_size=3),
    samples=st.integers(1, 5000),
)
def test_protobuf_reads_the_request_back(messages, signature, contents, samples):
    waveform = np.linspace(-1, 1, samples, dtype=np.float32)[None]
    written = prediction_log(signature, {"wav_bytes": contents, "waveform": waveform})
    request = messages["PredictionLog"].FromString(written).predict_log.request
    tensors = {entry.key: tf.make_ndarray(TensorProto.FromString(entry.value)) for entry in request.inputs}
    assert (request.model_spec.name, request.model_spec.signature_name) == ("", signature)
    assert list(tensors["wav_bytes"]) == contents
    np.testing.assert_array_equal(tensors["waveform"], waveform)


def test_the_file_is_a_tfrecord_with_a_request_for_each_signature(tmp_path):
    write_warmup(tmp_path / "1" / WARMUP, REQUESTS)
    records = tf.data.TFRecordDataset(str(tmp_path / "1" / "assets.extra" / "tf_serving_warmup_requests"))
    assert [record.hex() for record in records.as_numpy_iterator()] == list(GOLDEN.values())
    assert len(list((tmp_path / "1" / "assets.extra").iterdir())) == 1


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "assets.extra").touch()
    with pytest.raises(UserError, match=r"Cannot write .*tf_serving_warmup_requests"):
        write_warmup(tmp_path / WARMUP, REQUESTS)


def test_the_server_can_parse_the_batching_parameters(messages):
    parameters = text_format.Parse(BATCHING_PARAMETERS, messages["BatchingParameters"]())
    assert {field.name for field, _ in parameters.ListFields()} == set(SCHEMA["BatchingParameters"])
    assert parameters.pad_variable_length_inputs  # or clips of different lengths would fail together
    assert min(parameters.max_batch_size.value, parameters.num_batch_threads.value) >= 1
    assert parameters.max_enqueued_batches.value * parameters.max_batch_size.value >= 100  # clients that may wait
