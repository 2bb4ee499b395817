"""What a stage fits: augmentation before the network, the loss and the metrics behind it."""

from collections.abc import Sequence

import keras
import tensorflow as tf
from keras import ops

from fat_tf import config
from fat_tf.metrics import Lwlrap
from fat_tf.training.distribution import scope_of
from fat_tf.training.losses import Loss, costs, loss_of_clips
from fat_tf.training.networks import Networks, with_noisy_head
from fat_tf.training.recipe import Recipe
from fat_tf.training.replicas import for_replicas, summed
from fat_tf.training.stage import Stage
from fat_tf.training.step_norms import StepNorms
from fat_tf.training.weight_average import Averages

LARGEST_STEP = 2**31 - 1  # step that can be counted


class FirstNotFinite(keras.metrics.Metric):
    """The first step, counted from 0, at which a value was not finite in any replica; -1 if there was none."""

    def __init__(self, name: str = "not_finite"):
        super().__init__(name=name, dtype="int32")
        self._replicas = tf.distribute.get_strategy().num_replicas_in_sync
        self.steps = self.add_variable((), "zeros", dtype="int32", name="steps")
        # A place for each replica, which fills it alone, since what is read is their sum: LARGEST_STEP - step, or 0.
        self.until_last = self.add_variable((self._replicas,), "zeros", dtype="int32", name="until_last")

    def update_state(self, values):
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        place = ops.one_hot(replica, self._replicas, dtype="int32")
        is_first = ops.logical_and(ops.all(self.until_last == 0), ops.logical_not(ops.all(ops.isfinite(values))))
        self.until_last.assign(ops.where(is_first, (LARGEST_STEP - self.steps) * place, self.until_last))
        self.steps.assign_add(1)

    def result(self):
        until_last = ops.max(self.until_last)
        return ops.where(until_last > 0, LARGEST_STEP - until_last, -1)


class TrainingModel(keras.Model):
    """(input, labels) -> (logits, mixed labels), with the loss and the metrics between its outputs.

    A third output are the logits by the head of noisy clips, where there is one.

    entering: the symbolic (pictures, labels) that enter the network. Labels have columns more than the logits where
    they are needed: the share of a clip that is noisy, that of the best noisy ones. averages: of the network's weights,
    if its stage has them.
    """

    def __init__(self, inputs, logits, entering, num_classes: int, loss_of_clips: Loss, averages: Averages | None):
        super().__init__(inputs=inputs, outputs=[logits[0], entering[1], *logits[1:]])
        self.entering = entering
        self._loss_of_clips = loss_of_clips
        self.clip_loss = keras.metrics.Mean(name="clip_loss")
        self.lwlrap = Lwlrap(num_classes)
        self.not_finite = FirstNotFinite()
        self.step_norms = StepNorms()
        self.averages = averages
        self._averaged = averages.values if averages else []  # which makes them variables of the model

    def train_step(self, data):
        """A step as Keras' own, which keeps its gradients to itself."""
        x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            outputs = self(x, training=True)
            loss = self.optimizer.scale_loss(self.compute_loss(y_pred=outputs))
        weights, scale = self.trainable_weights, self.optimizer.scale_loss(1.0)
        gradients = summed(tape.gradient(loss, weights))
        before = self.step_norms.copied(weights)
        self.optimizer.apply_gradients(zip(gradients, weights, strict=True))
        self.step_norms.update_state(before, weights, [g for g in gradients if g is not None], scale)
        if self.averages:
            self.averages.update(self.optimizer.iterations - 1)
        return self.compute_metrics(x, None, outputs)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        loss = ops.sum(self._costs(*y_pred))
        if not self.losses:
            return loss
        replicas = tf.distribute.get_strategy().num_replicas_in_sync  # over which gradients are summed
        extra = [ops.sum(ops.cast(value, loss.dtype)) for value in self.losses]  # regularisers of a model of one's own
        return loss + sum(extra) / replicas

    def _costs(self, logits, labels, of_noisy=None):
        """The cost (batch,) of each clip."""
        return costs(self._loss_of_clips, labels, logits, of_noisy)

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        logits, labels = y_pred[:2]
        of_clips = self._costs(*y_pred)
        self.clip_loss.update_state(of_clips)
        self.not_finite.update_state(of_clips)
        self.lwlrap.update_state(labels[:, : logits.shape[-1]], logits)
        return self.get_metrics_result()


def training_model(recipe: Recipe, stage: Stage, networks: Networks, steps: int = 1) -> TrainingModel:
    """The compiled model that a stage fits: augmentation before the network, a fresh optimiser.

    Args:
        steps: of the whole stage, for an average of its weights.
    """
    with scope_of(recipe.distribution):
        return _compiled(recipe, stage, networks, steps)


def _compiled(recipe: Recipe, stage: Stage, networks: Networks, steps: int) -> TrainingModel:
    with config.as_config_errors():
        of_waveforms, of_pictures = (
            [make() for make in makers] for makers in (stage.waveform_augmentations, stage.augmentations)
        )
        optimiser, loss = recipe.optimiser(), loss_of_clips(recipe.loss_of(stage))
    classes = networks.saved.output_shape[-1]
    inputs = keras.Input(recipe.input_shape, name="clips")
    labels = keras.Input((classes + recipe.marks_noisy(stage) + recipe.marks_best(stage),), name="labels")
    x, y = _augmented(of_waveforms, inputs, labels)
    x = networks.normalise(x if recipe.takes_pictures else recipe.front_end.fresh()(x))
    x, y = _augmented(of_pictures, x, y)
    network = with_noisy_head(networks.network) if stage.noisy_head else networks.network
    logits = network(x)
    averages = Averages(stage.average, networks.network.weights, steps) if stage.average else None
    model = TrainingModel([inputs, labels], logits if stage.noisy_head else [logits], (x, y), classes, loss, averages)
    model.compile(for_replicas(optimiser, network), jit_compile=recipe.uses_xla)
    model.optimizer.build(model.trainable_variables)  # while a graph is traced it would be slower, and never be freed
    return model


def _augmented(layers: Sequence[keras.layers.Layer], x, y):
    for layer in layers:
        x, y = layer((x, y)) if getattr(layer, "mixes_labels", False) else (layer(x), y)
    return x, y
