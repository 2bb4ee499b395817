"""fat_tf: tagging sounds with small dense CNNs, a Keras re-creation of a Freesound Audio Tagging 2019 solution."""

import os

# Before TensorFlow is imported: its start-up notices would bury the lines that people should read.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# TensorFlow leaves oneDNN's kernels off where a processor has no AVX-512, and there they train twice as fast too.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


def __getattr__(name: str) -> type:
    """Tagger waits until it is asked for: it needs TensorFlow, which takes seconds to import."""
    if name != "Tagger":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from fat_tf.inference.tagger import Tagger

    return Tagger
