"""How good scores are."""

from fat_tf.metrics.accuracy import accuracy_interval
from fat_tf.metrics.bootstrap import Bootstrap, bootstrap_interval, paired_difference, with_interval
from fat_tf.metrics.lwlrap import lwlrap, overall_lwlrap

__all__ = [
    "Bootstrap",
    "Lwlrap",
    "accuracy_interval",
    "bootstrap_interval",
    "lwlrap",
    "overall_lwlrap",
    "paired_difference",
    "with_interval",
]


def __getattr__(name: str) -> type:
    """Lwlrap waits until it is asked for: it needs Keras, the others are fast to import without."""
    if name != "Lwlrap":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from fat_tf.metrics.streaming import Lwlrap

    return Lwlrap
