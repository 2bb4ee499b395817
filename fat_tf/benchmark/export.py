"""The exported M3: its signatures beside each other, beside PyTorch, and beside a large matrix product."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace

import keras
import numpy as np
import tensorflow as tf

from fat_tf.benchmark.peer import CLASSES, DEVIATION, MEAN, random_models, torch_peer
from fat_tf.benchmark.timing import alternate
from fat_tf.data.parallel import THREADS
from fat_tf.export.graph import TaggingGraph
from fat_tf.export.litert import INT8, convert, scores_of
from fat_tf.export.saved_model import write_saved_model
from fat_tf.inference.run_models import Models
from fat_tf.models.device import dtype_policy
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
    half = _Exported(one, HALF)
    return "\n".join([*_throughput(recipe, one, half, torch_python), _latency(recipe, half, _Exported(models, HALF))])


class _Exported:
    """A SavedModel, loaded as a server would; each call waits for the scores."""

    def __init__(self, models: Models, policy: str):
        with tempfile.TemporaryDirectory() as folder:
            write_saved_model(folder, TaggingGraph(models, policy, WINDOWS, top=5))
            self._model = tf.saved_model.load(folder)

    def call(self, signature: str, **inputs: tf.Tensor) -> Callable[[], np.ndarray]:
        return lambda: self._model.signatures[signature](**inputs)["scores"].numpy()


def _throughput(recipe: Recipe, one: Models, half: _Exported, torch_python: str) -> Iterator[str]:
    """Many clips of one window: a line for each way to score them."""
    pictures = np.random.default_rng(0).normal(MEAN, DEVIATION, (CLIPS, *recipe.front_end.picture_shape))
    pictures = pictures.astype(np.float32)
    with dtype_policy(HALF):
        apart = tf.function(recipe.model(num_classes=CLASSES, input_shape=recipe.front_end.picture_shape))
    ways = {
        "bfloat16": half.call("log_mel", log_mel=tf.constant(pictures)),
        "bfloat16, batch normalisation not folded": lambda: apart(tf.constant(pictures), training=False).numpy(),
        "float32": _Exported(one, FULL).call("log_mel", log_mel=tf.constant(pictures)),
        "LiteRT int8": _litert(one, pictures, from_sound=False),
        "LiteRT int8, from the sound": _litert(one, _noise(CLIPS, recipe.front_end.window_samples), from_sound=True),
    }
    windows = (pictures[..., 0] - MEAN) / DEVIATION
    with torch_peer(torch_python, recipe, windows, 1, "--fused") as peer:
        *times, theirs, product = alternate(*ways.values(), peer, _matrix_product())
    for name, took in zip(ways, times, strict=True):
        yield f"{name}: {CLIPS / took:.1f} clips/s, {theirs / took:.2f} times PyTorch's {CLIPS / theirs:.1f}"
    reached, possible = CLIPS * _flops(recipe) / times[0], 2 * SIDE**3 / product
    yield f"bfloat16: {reached / possible:.2f} of the {possible / 1e9:.0f} GFLOP/s of a large matrix product"


def _litert(models: Models, inputs: np.ndarray, from_sound: bool) -> Callable[[], None]:
    """Scores all inputs, one by one as a phone does."""
    content = convert(scores_of(models, from_sound), tf.TensorSpec([None, *inputs.shape[1:]], tf.float32))[INT8]
    interpreter = tf.lite.Interpreter(model_content=content, num_threads=THREADS)
    interpreter.allocate_tensors()
    (place,) = interpreter.get_input_details()

    def score():
        for item in inputs:
            interpreter.set_tensor(place["index"], item[None])
            interpreter.invoke()

    return score


def _noise(clips: int, samples: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.5, (clips, samples)).astype(np.float32)


def _latency(recipe: Recipe, one: _Exported, five: _Exported) -> str:
    """A single clip of several windows."""
    front_end = recipe.front_end
    sound = _noise(1, SECONDS * front_end.sample_rate)
    waveform = {"waveform": tf.constant(sound), "lengths": tf.constant([sound.shape[1]])}
    picture = front_end(front_end.prepare(sound[0])[None])
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
