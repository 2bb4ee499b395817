"""How large gradients, weights and updates are, measured within the training step."""

from collections.abc import Sequence

import keras
import tensorflow as tf

EVERY = 8  # steps, of which the first is measured: it costs a few passes over the weights
NORMS = f"Euclidean norm over all weights, mean over every {EVERY}th step of the epoch"
NAMES = ("gradient_norm", "weight_norm", "update_ratio")


class StepNorms(keras.metrics.Metric):
    """Means over an epoch's measured steps: gradient_norm, weight_norm, update_ratio.

    update_ratio is ‖w' − w‖ / ‖w‖ of the weights w before and w' after a step. A model should move by about 1e-3 of
    itself a step; far more is a rate that is too high, far less one that is too low.
    """

    def __init__(self, name: str = "step_norms"):
        super().__init__(name=name)
        of_one = "only_first_replica"  # all replicas have the same weights, and sums of gradients
        self._steps = self.add_variable((), "zeros", dtype="int32", aggregation=of_one, name="steps")
        self._sums = self.add_variable((len(NAMES),), "zeros", dtype="float32", aggregation=of_one, name="sums")

    def copied(self, weights: Sequence[keras.Variable]) -> tf.Tensor:
        """(number,) weights before a step, which writes over them; zeros where the step is not measured."""
        return tf.cond(self._is_measured(), lambda: _flat(weights), lambda: tf.zeros([_number(weights)]))

    def update_state(
        self, before: tf.Tensor, weights: Sequence[keras.Variable], gradients: Sequence[tf.Tensor], scale: tf.Tensor
    ):
        """Measure a step, if it is to be: from the weights before and after it, and gradients multiplied by a scale."""

        def measured():
            weight, update = tf.norm(before), tf.norm(_flat(weights) - before)
            gradient = tf.cast(tf.linalg.global_norm(gradients), "float32") / scale
            return tf.stack([gradient, weight, tf.math.divide_no_nan(update, weight)])

        self._sums.assign_add(tf.cond(self._is_measured(), measured, lambda: tf.zeros([len(NAMES)])))
        self._steps.assign_add(1)

    def result(self):
        measured = tf.maximum((self._steps + EVERY - 1) // EVERY, 1)
        return dict(zip(NAMES, tf.unstack(self._sums / tf.cast(measured, "float32")), strict=True))

    def _is_measured(self) -> tf.Tensor:
        return self._steps % EVERY == 0


def _flat(weights: Sequence[keras.Variable]) -> tf.Tensor:
    return tf.concat([tf.reshape(tf.cast(weight, "float32"), [-1]) for weight in weights], 0)


def _number(weights: Sequence[keras.Variable]) -> int:
    return sum(int(tf.TensorShape(weight.shape).num_elements()) for weight in weights)
