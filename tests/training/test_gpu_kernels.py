"""Between decoding and the loss every operation has a GPU kernel, as far as this TensorFlow's registry tells.

No GPU is needed: the wheel knows the kernels of one. What they compute there is not tested by this.
"""

from collections.abc import Iterator

import pytest
import tensorflow as tf
from tensorflow.python.framework import kernels

from fat_tf import config
from fat_tf.models.device import dtype_policy
from fat_tf.training.losses import costs, loss_of_clips, needs_noisy
from fat_tf.training.networks import build_networks
from fat_tf.training.training_model import training_model

SMALL = ["WIDTH=4", "FrontEnd.window_seconds=1.0"]
OF_PICTURES = "@FilterAugment, @FreqMixStyle, @RandomGain, @TimeShift, @RandomResizedCrop, @RandomLength, @SpecAugment"
BEYOND = [f"Stage.augmentations=({OF_PICTURES}, @CrossFade, @UnionMixUp)", "Stage.average=@EmaWeights()"]
LOSSES = ["Lsep", "SigmoidFocal", "SummedLq", "MaskedCrossEntropy", "Trimmed", "BySource", "SoftBootstrapping"]
CASES = {
    "m1": ["m1.gin"],
    "m3": ["m3.gin"],
    "densenet121": ["densenet121.gin"],
    "mobilenet": ["mobilenet.gin"],
    "waveforms": ["m1.gin", "Recipe.features='waveform'"],
    "mixed_float16": ["m1.gin", "Recipe.precision='mixed_float16'"],
    "mixed_bfloat16": ["m1.gin", "Recipe.precision='mixed_bfloat16'"],
    "beyond": ["m0.gin", *BEYOND],
}


def without_kernel(graph: tf.Graph) -> set[str]:
    """Operations of a graph and its functions that no GPU kernel takes with their types."""
    definition = graph.as_graph_def()
    nodes = [*definition.node, *(node for function in definition.library.function for node in function.node_def)]
    return {f"{node.op} {sorted(types(node))}" for node in nodes if not any(map(fits(node), gpu_kernels(node.op)))}


def gpu_kernels(op: str) -> Iterator:
    found = kernels.get_registered_kernels_for_op(op).kernel
    return (kernel for kernel in found if kernel.device_type in ("GPU", "DEFAULT"))


def types(node) -> dict[str, str]:
    return {name: tf.as_dtype(value.type).name for name, value in node.attr.items() if value.type}


def fits(node):
    def takes(kernel) -> bool:
        return all(
            node.attr[constraint.name].type in constraint.allowed_values.list.type
            for constraint in kernel.constraint
            if constraint.allowed_values.list.type
        )

    return takes


def traced_step(case: str) -> tf.Graph:
    files = [part for part in CASES[case] if "=" not in part]
    config.load(files, [*SMALL, *(part for part in CASES[case] if "=" in part)])
    recipe = config.make("Recipe")
    (stage,) = recipe.stages
    with dtype_policy("float32" if recipe.precision == "auto" else recipe.precision):
        model = training_model(recipe, stage, build_networks(recipe, 16, (0.0, 1.0)))
    inputs = (
        tf.TensorSpec([None, *recipe.input_shape]),
        tf.TensorSpec([None, 16 + recipe.marks_noisy(stage) + recipe.marks_best(stage)]),
    )
    return tf.function(lambda x, y: model.train_step(((x, y),))).get_concrete_function(*inputs).graph


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_a_training_step_has_gpu_kernels(case):
    assert not without_kernel(traced_step(case))


@pytest.mark.parametrize("name", LOSSES)
def test_losses_have_gpu_kernels(name):
    config.load(["m3.gin"], [f"Recipe.loss=@{name}", "fit/Stage.data='curated+noisy'"])
    loss = config.make("Recipe").loss
    marked = needs_noisy(loss)

    def gradient(labels, logits):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            cost = costs(loss_of_clips(loss), labels, logits)
        return tape.gradient(cost, logits)

    specs = tf.TensorSpec([None, 16 + marked]), tf.TensorSpec([None, 16])
    assert not without_kernel(tf.function(gradient).get_concrete_function(*specs).graph)


def test_log_mels_have_gpu_kernels():
    config.load(["m3.gin"])
    log_mel = config.make("Recipe").front_end.spectrogram
    draw = tf.function(lambda waveforms, lengths: log_mel(waveforms, lengths=lengths))
    specs = tf.TensorSpec([None, None]), tf.TensorSpec([None], tf.int32)
    assert not without_kernel(draw.get_concrete_function(*specs).graph)


def test_an_operation_without_kernel_is_found():
    def step(x):
        shuffled = tf.random.shuffle(x)
        return tf.numpy_function(lambda values: values, [shuffled], tf.float32), tf.nn.relu(x)

    graph = tf.function(step).get_concrete_function(tf.TensorSpec([4])).graph
    assert {name.split()[0] for name in without_kernel(graph)} == {"RandomShuffle", "PyFunc"}
