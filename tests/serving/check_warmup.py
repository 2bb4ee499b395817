"""Runs the warm-up requests of an exported model as TensorFlow Serving does when it loads one, with its own classes.

    python check_warmup.py DIR/1

For an environment of its own: tensorflow-serving-api and TensorFlow.
"""

import sys
from pathlib import Path

import tensorflow as tf
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog


def main() -> None:
    folder = Path(sys.argv[1])
    model = tf.saved_model.load(str(folder))
    for record in tf.data.TFRecordDataset(str(folder / "assets.extra" / "tf_serving_warmup_requests")):
        request = PredictionLog.FromString(record.numpy()).predict_log.request
        inputs = {name: tf.constant(tf.make_ndarray(tensor)) for name, tensor in request.inputs.items()}
        outputs = model.signatures[request.model_spec.signature_name](**inputs)
        print(request.model_spec.signature_name, [text.decode() for text in outputs["error"].numpy()])


if __name__ == "__main__":
    main()
