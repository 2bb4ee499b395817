"""The models of a fold: those that are trained, the one that scores, the one that is saved."""

from dataclasses import dataclass

import keras
from keras import ops

from fat_tf import config
from fat_tf.audio import FrontEnd
from fat_tf.data.sources import ClipSource
from fat_tf.layers import Normalisation
from fat_tf.metrics import Lwlrap
from fat_tf.training.recipe import Recipe
from fat_tf.training.stage import Stage


class TrainingModel(keras.Model):
    """(input, labels) -> (logits, mixed labels), with the loss and the metrics between its two outputs."""

    def __init__(self, inputs, outputs, num_classes: int):
        super().__init__(inputs=inputs, outputs=outputs)
        self.clip_loss = keras.metrics.Mean(name="clip_loss")
        self.lwlrap = Lwlrap(num_classes)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Binary cross-entropy on logits, summed over classes and batch, as the L2 term and the clip expect it."""
        return ops.sum(summed_cross_entropy(*y_pred))

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        logits, labels = y_pred
        self.clip_loss.update_state(summed_cross_entropy(logits, labels))
        self.lwlrap.update_state(labels, logits)
        return self.get_metrics_result()


def summed_cross_entropy(logits, labels):
    """Binary cross-entropy (batch,) of each clip, summed over the classes; both (batch, classes)."""
    return ops.sum(ops.relu(logits) - logits * labels + ops.softplus(-ops.abs(logits)), axis=-1)


@dataclass(frozen=True)
class Networks:
    """Views of the same weights.

    network: picture, normalised, to logits. normalise: the layer before it.
    scoring: input to logits; the input is what the source gives, pictures or waveforms.
    saved: waveform (batch, window samples) to logits, front end and normalisation inside.
    """

    network: keras.Model
    normalise: Normalisation
    scoring: keras.Model
    saved: keras.Model


def build_networks(
    recipe: Recipe, source: ClipSource, num_classes: int, statistics: tuple[float, float] | None
) -> Networks:
    """Build a fold's models from fresh weights.

    Args:
        recipe: the run's.
        source: of the clips, for the input's shape.
        num_classes: logits.
        statistics: (mean, deviation) in dB for the normalisation, or None for each picture's own.
    """
    front_end = _fresh(recipe.front_end)
    with config.clear_errors():
        network = recipe.model(num_classes=num_classes, input_shape=front_end.picture_shape)
    normalise = Normalisation(*(statistics or (None, None)), name="normalisation")
    waveform = keras.Input((front_end.window_samples,), name="waveform")
    saved = keras.Model(waveform, network(normalise(front_end(waveform))), name=network.name)
    inputs = keras.Input(source.input_shape, name="clips")
    pictures = inputs if source.gives_pictures else front_end(inputs)
    return Networks(network, normalise, keras.Model(inputs, network(normalise(pictures))), saved)


def _fresh(front_end: FrontEnd) -> FrontEnd:
    """A layer of the same settings: one that all folds share would keep all of their networks in memory."""
    return FrontEnd.from_config(front_end.get_config())


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
    x = networks.normalise(x if source.gives_pictures else _fresh(recipe.front_end)(x))
    x = spec_augment(x) if spec_augment else x
    if mixup and recipe.mix == "pictures":
        x, y = mixup((x, y))
    model = TrainingModel([inputs, labels], [networks.network(x), y], classes)
    model.compile(optimiser, jit_compile=recipe.jit_compile)
    optimiser.build(model.trainable_variables)  # while a graph is traced it would be slower, and never be freed
    return model
