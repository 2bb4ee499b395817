"""An exported model behind KServe's HTTP server, asked as TensorFlow Serving is.

    python kserve_server.py --model=DIR/1 --name=tagger --port=8501

For an environment of its own: kserve and TensorFlow, but no fat_tf, Keras or tensorflow-io.
"""

import argparse
import asyncio
import base64
import json
import signal
import sys

import kserve
import numpy as np
import tensorflow as tf
from kserve.errors import InvalidInput
from kserve.protocol.dataplane import DataPlane
from kserve.protocol.model_repository_extension import ModelRepositoryExtension
from kserve.protocol.rest.server import RESTServer


class SavedModel(kserve.Model):
    """The predict requests of https://www.tensorflow.org/tfx/serving/api_rest, by rows or by columns."""

    def __init__(self, name: str, folder: str):
        super().__init__(name)
        self._model = tf.saved_model.load(folder)
        self.ready = True

    async def predict(self, payload: dict | bytes, headers: dict | None = None) -> dict:
        try:
            return await asyncio.to_thread(self._answer, payload)
        except (AttributeError, KeyError, TypeError, ValueError, tf.errors.InvalidArgumentError) as error:
            raise InvalidInput(f"{type(error).__name__}: {error}") from error

    def _answer(self, payload: dict | bytes) -> dict:
        if isinstance(payload, bytes):  # of another content type than JSON's, like that of curl -d
            payload = json.loads(payload)
        signature = self._model.signatures[payload.get("signature_name", "serving_default")]
        specs = signature.structured_input_signature[1]
        by_rows = "instances" in payload
        columns = _columns(payload["instances"], specs) if by_rows else _named(payload["inputs"], specs)
        inputs = {name: _tensor(columns[name], spec) for name, spec in specs.items()}
        outputs = {name: _plain(tensor) for name, tensor in signature(**inputs).items()}
        if not by_rows:
            return {"outputs": outputs}
        return {"predictions": [dict(zip(outputs, row, strict=True)) for row in zip(*outputs.values(), strict=True)]}


def _columns(rows: list, specs: dict[str, tf.TensorSpec]) -> dict[str, list]:
    if not rows:
        raise ValueError("no instances")
    named = [_named(row, specs) for row in rows]
    return {name: [row[name] for row in named] for name in specs}


def _named(value: dict | list | str, specs: dict[str, tf.TensorSpec]) -> dict:
    """Values by the names of the inputs, which may be left out where there is one input."""
    bare = not isinstance(value, dict) or value.keys() == {"b64"}
    if bare and len(specs) == 1:
        return dict.fromkeys(specs, value)
    if bare or value.keys() != specs.keys():
        raise ValueError(f"expected the inputs {', '.join(specs)}")
    return value


def _tensor(value: list, spec: tf.TensorSpec) -> tf.Tensor:
    return tf.constant([_bytes(item) for item in value] if spec.dtype == tf.string else value, spec.dtype)


def _bytes(item: dict | str) -> bytes:
    return item.encode() if isinstance(item, str) else base64.b64decode(item["b64"], validate=True)


def _plain(tensor: tf.Tensor) -> list:
    values = tensor.numpy()
    return np.char.decode(values.astype(bytes), "utf-8").tolist() if tensor.dtype == tf.string else values.tolist()


def main() -> None:
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--model", required=True, help="version folder of an exported model")
    flags.add_argument("--name", default="tagger")
    flags.add_argument("--port", type=int, default=8501)
    args = flags.parse_args()
    models = kserve.ModelRepository()
    models.update(SavedModel(args.name, args.model))
    server = RESTServer("kserve.model_server:app", DataPlane(models), ModelRepositoryExtension(models), args.port)
    server.config.host = "127.0.0.1"  # KServe listens on all addresses otherwise
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # raised again once all requests are answered
    server.run()


if __name__ == "__main__":
    main()
