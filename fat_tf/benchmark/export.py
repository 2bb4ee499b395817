"""The exported M3: its signatures beside each other, beside PyTorch, and beside a large matrix product."""

import tempfile
from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf

from fat_tf.benchmark.peer import DEVIATION, MEAN, random_models, torch_peer
from fat_tf.benchmark.timing import alternate
from fat_tf.export.graph import TaggingGraph
from fat_tf.export.saved_model import write_saved_model
from fat_tf.inference.models import Models
from fat_tf.training.recipe import Recipe

FOLDS, WINDOWS = 5, 8
CLIPS = 64  # of one window
SIDE = 4096  # of the matrices
SECONDS = 5  # of the single clip
FULL, HALF = "float32", "mixed_bfloat16"


def export(recipe: Recipe, torch_python: str) -> str:
    """A line for each comparison.

    Args:
        recipe: of M3.
        torch_python: interpreter of an environment with PyTorch.

    Raises:
        UserError: no such interpreter.
    """
    models = random_models(replace(recipe, precision=FULL), FOLDS)
    (group,) = models.groups
    one = replace(models, groups=[replace(group, networks=group.networks[:1], weights=[1.0])])
    full, half, five = (_Exported(of, policy) for of, policy in ((one, FULL), (one, HALF), (models, HALF)))
    return "\n".join([_throughput(recipe, full, half, torch_python), _latency(recipe, half, five)])


class _Exported:
    """A SavedModel, loaded as a server would; each call waits for the scores."""

    def __init__(self, models: Models, policy: str):
        with tempfile.TemporaryDirectory() as folder:
            write_saved_model(folder, TaggingGraph(models, policy, WINDOWS, top=5))
            self._model = tf.saved_model.load(folder)

    def call(self, signature: str, **inputs: tf.Tensor) -> Callable[[], np.ndarray]:
        return lambda: self._model.signatures[signature](**inputs)["scores"].numpy()


def _throughput(recipe: Recipe, full: _Exported, half: _Exported, torch_python: str) -> str:
    """Many clips of one window."""
    pictures = np.random.default_rng(0).normal(MEAN, DEVIATION, (CLIPS, *recipe.front_end.picture_shape))
    of_both = [model.call("log_mel", log_mel=tf.constant(pictures, tf.float32)) for model in (half, full)]
    windows = ((pictures[..., 0] - MEAN) / DEVIATION).astype(np.float32)
    with torch_peer(torch_python, recipe, windows, 1, "--fused") as peer:
        fast, slow, theirs, roof = alternate(*of_both, peer, _matrix_product())
    share = (CLIPS * _flops(recipe) / fast) / (2 * SIDE**3 / roof)
    return (
        f"{CLIPS} pictures, bfloat16: {CLIPS / fast:.1f} clips/s, {theirs / fast:.2f} times PyTorch's "
        f"{CLIPS / theirs:.1f}, {share:.2f} of what a bfloat16 matrix product reaches "
        f"({2 * SIDE**3 / roof / 1e9:.0f} GFLOP/s); float32: {CLIPS / slow:.1f} clips/s"
    )


def _latency(recipe: Recipe, one: _Exported, five: _Exported) -> str:
    """A single clip of several windows."""
    front_end = recipe.front_end
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, SECONDS * front_end.sample_rate).astype(np.float32)
    waveform = {"waveform": tf.constant(sound[None]), "lengths": tf.constant([len(sound)])}
    picture = front_end.log_mel(front_end.prepare(sound)[None])
    calls = [model.call("waveform", **waveform) for model in (one, five)] + [one.call("log_mel", log_mel=picture)]
    sounds, of_five, pictures = alternate(*calls)
    return (
        f"one clip of {SECONDS} s, {WINDOWS} windows, bfloat16: {sounds * 1e3:.0f} ms from the waveform, "
        f"{sounds / pictures:.3f} times as long as from its picture; {FOLDS} folds {of_five / sounds:.2f} times as long"
    )


def _matrix_product() -> Callable[[], np.ndarray]:
    matrix = tf.cast(tf.random.normal((SIDE, SIDE)), tf.bfloat16)
    product = tf.function(lambda: tf.matmul(matrix, matrix))
    return lambda: product()[0, 0].numpy()


def _flops(recipe: Recipe) -> int:
    """Of the convolutions for one picture; a multiplication and an addition are two."""
    model = recipe.model(num_classes=2, input_shape=recipe.front_end.picture_shape)
    convolutions = (layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
    return sum(2 * layer.kernel.shape.num_elements() * np.prod(layer.output.shape[1:3]) for layer in convolutions)
