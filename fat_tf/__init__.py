"""fat_tf: tagging sounds with small dense CNNs, a Keras re-creation of a Freesound Audio Tagging 2019 solution."""

import os

from fat_tf.home import lead_libraries

# Before TensorFlow is imported: its start-up notices would bury the lines that people should read.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# TensorFlow leaves oneDNN's kernels off where a processor has no AVX-512, and there they train twice as fast too.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
lead_libraries()  # before they are imported, too


def __getattr__(name: str) -> object:
    """Tagger waits until it is asked for: it needs TensorFlow, which takes seconds to import."""
    if name == "Tagger":
        from fat_tf.inference.tagger import Tagger

        return Tagger
    if name == "load_parts":
        from fat_tf.runs.own_parts import load_parts

        return load_parts
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
