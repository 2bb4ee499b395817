"""How many threads tf.data takes: all that the process may use."""

import joblib
import tensorflow as tf

THREADS = joblib.cpu_count()  # fewer than os.cpu_count() where affinity or a container's limit allow fewer


def without_autotuning(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """The same data without tf.data's autotuner, whose thread sleeps for up to a minute when the data end."""
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def one_thread_a_call(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """The same data where no operation of a parallel map splits its work: the threads are busy with other elements."""
    options = tf.data.Options()
    options.threading.max_intra_op_parallelism = 1
    return without_autotuning(dataset.with_options(options))
