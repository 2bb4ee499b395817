"""An exported model in NVIDIA Triton, which joins the requests of its clients to batches.

    python triton_server.py --model=DIR/1 --name=tagger --port=8000

For an environment of its own: nvidia-pytriton and TensorFlow, but no fat_tf, Keras or tensorflow-io.
"""

import argparse
import os
import signal
import sys
import sysconfig

import numpy as np
import tensorflow as tf
from pytriton.decorators import batch
from pytriton.model_config import DynamicBatcher, ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

MOST_CLIPS = 32  # of a batch
WAIT_MICROSECONDS = 5000  # for others of the same batch


def tagging(signature: tf.types.experimental.ConcreteFunction):
    """The serving signature as Triton calls it: wav_bytes (batch, 1) objects to a dict of arrays with rank 2."""

    @batch
    def infer(wav_bytes: np.ndarray) -> dict[str, np.ndarray]:
        outputs = signature(wav_bytes=tf.constant(wav_bytes[:, 0]))
        return {name: _rank_2(tensor.numpy()) for name, tensor in outputs.items()}

    return infer


def _rank_2(values: np.ndarray) -> np.ndarray:
    rows = values.reshape(len(values), -1)
    return rows.astype(bytes) if rows.dtype == object else rows


def _output(spec: tf.TensorSpec) -> Tensor:
    width = spec.shape[1] if spec.shape.rank == 2 else 1
    return Tensor(name=spec.name, dtype=bytes if spec.dtype == tf.string else np.float32, shape=(width or -1,))


def main() -> None:
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--model", required=True, help="version folder of an exported model")
    flags.add_argument("--name", default="tagger")
    flags.add_argument("--port", type=int, default=8000)
    args = flags.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # before it answers; Triton is stopped on the way out
    model = tf.saved_model.load(args.model)
    signature = model.signatures["serving_default"]
    # Triton starts a program that loads libpython: this Python's, not an older one of the system.
    libraries = [sysconfig.get_config_var("LIBDIR"), os.environ.get("LD_LIBRARY_PATH")]
    os.environ["LD_LIBRARY_PATH"] = os.pathsep.join(filter(None, libraries))
    config = TritonConfig(http_address="127.0.0.1", http_port=args.port, allow_grpc=False, allow_metrics=False)
    with Triton(config=config) as server:
        server.bind(
            model_name=args.name,
            infer_func=tagging(signature),
            inputs=[Tensor(name="wav_bytes", dtype=bytes, shape=(1,))],
            outputs=[_output(spec) for spec in signature.structured_outputs.values()],
            config=ModelConfig(max_batch_size=MOST_CLIPS, batcher=DynamicBatcher(WAIT_MICROSECONDS)),
        )
        server.serve()


if __name__ == "__main__":
    main()
