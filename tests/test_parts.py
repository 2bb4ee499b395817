"""Parts of a person's own: how what they raise is told."""

import keras
import pytest
import tensorflow as tf

from fat_tf.errors import UserError
from fat_tf.parts import blamed, made


class Broken(keras.layers.Layer):
    def call(self, x):
        raise KeyError("no such thing")


def in_graph(x):
    return tf.matmul(x, tf.ones((3, 3)))


RAISES = {
    "plainly": lambda: {}["a"],
    "in Keras": lambda: Broken()(tf.ones(1)),
    "in a graph": lambda: tf.function(in_graph)(tf.ones((2, 2))),
}


@pytest.mark.parametrize("raises", RAISES.values(), ids=RAISES)
def test_what_a_part_raises_is_a_line_that_names_the_file_and_line(raises):
    line = r"Recipe.model net: \w+: .*test_parts.py, line \d+\)$"
    with pytest.raises(UserError, match=line) as raised, blamed("Recipe.model net"):
        raises()
    assert "\n" not in raised.value.message and len(raised.value.message) < 500


def test_a_class_makes_the_part_and_a_function_is_it():
    assert made(len) is len and made(dict) == {}
