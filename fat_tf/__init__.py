"""fat_tf: tagging sounds with small dense CNNs, a Keras re-creation of a Freesound Audio Tagging 2019 solution."""

import os
from importlib import import_module

from fat_tf.home import lead_libraries
from fat_tf.keras_objects import make_known

# Before TensorFlow is imported: its start-up notices would bury the lines that people should read.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# TensorFlow leaves oneDNN's kernels off where a processor has no AVX-512, and there they train twice as fast too.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
lead_libraries()  # before they are imported, too
make_known()

LATER = {"Tagger": "fat_tf.inference.tagger", "load_parts": "fat_tf.runs.own_parts"}
ROOMS = ("audio", "layers", "metrics", "models", "training")


def __getattr__(name: str) -> object:
    """Tagger and the others wait until they are asked for: they need TensorFlow, which takes seconds to import."""
    if name in LATER:
        return getattr(import_module(LATER[name]), name)
    if name in ROOMS:
        return import_module(f"fat_tf.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *LATER, *ROOMS})
