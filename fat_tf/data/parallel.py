"""How many threads tf.data takes: all of them."""

import os

import tensorflow as tf

THREADS = os.cpu_count() or 1


def without_autotuning(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """The same data without tf.data's autotuner, whose thread sleeps for up to a minute when the data end."""
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)
