"""Error texts in a graph: a bad item is told, not raised, since an exception would end the whole batch."""

import tensorflow as tf

NOT_SANE = "values that are not finite, or beyond a billion"


def first_error(*checks: tuple[tf.Tensor, tf.Tensor | str]) -> tf.Tensor:
    """The text of the first check that is true, scalar string; empty if there is none."""
    error = tf.constant("")
    for wrong, text in reversed(checks):
        error = tf.where(wrong, text, error)
    return error
