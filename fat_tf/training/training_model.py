"""What a stage fits: augmentation before the network, the loss and the metrics behind it."""

import keras
from keras import ops

from fat_tf import config
from fat_tf.data.sources import ClipSource
from fat_tf.metrics import Lwlrap
from fat_tf.training.networks import Networks, fresh_front_end
from fat_tf.training.recipe import Recipe
from fat_tf.training.stage import Stage


class FirstNotFinite(keras.metrics.Metric):
    """The first step, counted from 0, at which a value was not finite; -1 if there was none."""

    def __init__(self, name: str = "not_finite"):
        super().__init__(name=name, dtype="int32")
        self.steps = self.add_variable((), "zeros", dtype="int32", name="steps")
        self.first = self.add_variable((), keras.initializers.Constant(-1), dtype="int32", name="first")

    def update_state(self, values):
        is_first = ops.logical_and(self.first < 0, ops.logical_not(ops.all(ops.isfinite(values))))
        self.first.assign(ops.where(is_first, self.steps, self.first))
        self.steps.assign_add(1)

    def result(self):
        return self.first

    def reset_state(self):
        self.steps.assign(0)
        self.first.assign(-1)


class TrainingModel(keras.Model):
    """(input, labels) -> (logits, mixed labels), with the loss and the metrics between its two outputs."""

    def __init__(self, inputs, outputs, num_classes: int):
        super().__init__(inputs=inputs, outputs=outputs)
        self.clip_loss = keras.metrics.Mean(name="clip_loss")
        self.lwlrap = Lwlrap(num_classes)
        self.not_finite = FirstNotFinite()

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Binary cross-entropy on logits, summed over classes and batch, as the L2 term and the clip expect it."""
        return ops.sum(summed_cross_entropy(*y_pred))

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        logits, labels = y_pred
        losses = summed_cross_entropy(logits, labels)
        self.clip_loss.update_state(losses)
        self.not_finite.update_state(losses)
        self.lwlrap.update_state(labels, logits)
        return self.get_metrics_result()


def summed_cross_entropy(logits, labels):
    """Binary cross-entropy (batch,) of each clip, summed over the classes; both (batch, classes)."""
    return ops.sum(ops.relu(logits) - logits * labels + ops.softplus(-ops.abs(logits)), axis=-1)


def training_model(recipe: Recipe, stage: Stage, networks: Networks, source: ClipSource) -> TrainingModel:
    """The compiled model that a stage fits: augmentation before the network, a fresh optimiser."""
    with config.clear_errors():
        mixup = stage.mixup() if stage.mixup else None
        spec_augment = stage.spec_augment() if stage.spec_augment else None
        optimiser = recipe.optimiser()
    classes = networks.network.output_shape[-1]
    x = inputs = keras.Input(source.input_shape, name="clips")
    y = labels = keras.Input((classes,), name="labels")
    if mixup and recipe.mix == "waveforms":
        x, y = mixup((x, y))
    x = networks.normalise(x if source.gives_pictures else fresh_front_end(recipe.front_end)(x))
    x = spec_augment(x) if spec_augment else x
    if mixup and recipe.mix == "pictures":
        x, y = mixup((x, y))
    model = TrainingModel([inputs, labels], [networks.network(x), y], classes)
    model.compile(optimiser, jit_compile=recipe.jit_compile)
    optimiser.build(model.trainable_variables)  # while a graph is traced it would be slower, and never be freed
    return model
