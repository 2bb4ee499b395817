"""Runs an exported model where only TensorFlow is, as a server would: python fresh_process.py MODEL FOLDER OUTPUT.npz

Scores the files of a folder in one batch by `serving_default`. A program of its own: nothing of this package is used.
"""

import sys
from pathlib import Path

ABSENT = ("fat_tf", "keras", "tf_keras", "tensorflow_io")


def main():
    sys.modules.update(dict.fromkeys(ABSENT))  # an import of theirs raises from here on
    import numpy as np
    import tensorflow as tf

    model, folder, output = sys.argv[1:]
    infer = tf.saved_model.load(model).signatures["serving_default"]
    contents = [file.read_bytes() for file in sorted(Path(folder).iterdir())]
    out = infer(wav_bytes=tf.constant(contents))
    np.savez(output, scores=out["scores"].numpy(), error=out["error"].numpy().astype("S"))


if __name__ == "__main__":
    main()
