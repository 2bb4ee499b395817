"""How good scores are."""

from fat_tf.metrics.accuracy import accuracy_interval
from fat_tf.metrics.bootstrap import bootstrap_interval, paired_difference
from fat_tf.metrics.lwlrap import lwlrap, overall_lwlrap
from fat_tf.metrics.streaming import Lwlrap

__all__ = ["Lwlrap", "accuracy_interval", "bootstrap_interval", "lwlrap", "overall_lwlrap", "paired_difference"]
