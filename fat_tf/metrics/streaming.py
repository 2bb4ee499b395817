"""lwlrap as a metric that Keras accumulates over batches."""

import gin
import keras
import tensorflow as tf
from keras import ops


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class Lwlrap(keras.metrics.Metric):
    """Streaming lwlrap, equal to `fat_tf.metrics.lwlrap` over all clips seen, in float32.

    Args:
        num_classes: classes.
        threshold: labels above it are true; mixed labels count for the clip that has more of the mixture.

    `update_state(y_true, y_pred)` takes (batch, num_classes) each, logits or probabilities (logits keep apart what
    saturated probabilities tie), and refuses weights of clips. A score that is not finite makes the result NaN.
    `per_class()` gives the classes.
    """

    def __init__(self, num_classes: int, threshold: float = 0.5, name: str = "lwlrap"):
        super().__init__(name=name, dtype="float32")
        self.num_classes = num_classes
        self.threshold = threshold
        self.precision = self.add_variable((num_classes,), "zeros", name="precision")
        self.labels = self.add_variable((num_classes,), "zeros", name="labels")

    def update_state(self, y_true, y_pred, sample_weight=None):
        if sample_weight is not None:
            raise ValueError("Lwlrap weighs labels, not clips: leave out sample_weight")
        scores = ops.cast(y_pred, "float32")
        truth = ops.cast(ops.greater(y_true, self.threshold), "float32")
        order = ops.argsort(scores, axis=1)
        ascending, labels = (ops.take_along_axis(values, order, axis=1) for values in (scores, truth))
        lower = tf.searchsorted(ascending, scores)  # of each class: how many score less, in O(classes · log classes)
        lower_labels = ops.take_along_axis(ops.pad(ops.cumsum(labels, axis=1), ((0, 0), (1, 0))), lower, axis=1)
        hits = ops.sum(truth, axis=1, keepdims=True) - lower_labels
        precision = truth * hits / ops.maximum(self.num_classes - ops.cast(lower, "float32"), 1.0)
        finite = ops.all(ops.isfinite(scores))  # a NaN ranks nowhere: spoil the result rather than flatter it
        precision = ops.where(finite, precision, float("nan"))
        self.precision.assign_add(ops.sum(precision, axis=0))
        self.labels.assign_add(ops.sum(truth, axis=0))

    def result(self):
        return ops.sum(self.precision) / ops.maximum(ops.sum(self.labels), 1.0)

    def per_class(self):
        """(num_classes,) lwlrap of each class, 0 where no clip had it."""
        return self.precision / ops.maximum(self.labels, 1.0)

    def get_config(self):
        return {"name": self.name, "num_classes": self.num_classes, "threshold": self.threshold}
