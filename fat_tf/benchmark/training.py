"""The training loop beside its bare step, and the step beside PyTorch's."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import tensorflow as tf

from fat_tf.benchmark.peer import CLASSES, DEVIATION, MEAN, running, width_of
from fat_tf.benchmark.plain import plain_layers
from fat_tf.benchmark.timing import alternate, seconds
from fat_tf.data.batches import training_batches
from fat_tf.data.builtin import open_dataset
from fat_tf.models.device import dtype_policy
from fat_tf.training.networks import build_networks
from fat_tf.training.progress import Progress
from fat_tf.training.recipe import Recipe
from fat_tf.training.run_data import load_run_data
from fat_tf.training.time_left import FoldWork, StageWork
from fat_tf.training.training_model import TrainingModel, training_model

EPOCHS = 3  # of a round; a fold has one start-up for all of its epochs
BATCH, STEPS = 32, 4  # of a round beside PyTorch


def training(recipe: Recipe, data_dir: str | None, cache_dir: str | None) -> str:
    """Clips/s of epochs of `fit` from the source, beside the bare training step on one batch."""
    data = load_run_data(recipe, open_dataset(data_dir), cache_dir)
    steps = max(1, len(data.curated) // recipe.batch_size)
    rows = np.resize(data.curated, steps * recipe.batch_size)  # whole batches alone, as the bare step has
    with dtype_policy(recipe.policy):
        classes = data.targets.shape[1]
        networks = build_networks(recipe, classes, data.statistics(rows))
        model = training_model(recipe, recipe.stages[0], networks)
    batches = training_batches(data.source, rows, data.targets, recipe.batch_size, range(EPOCHS), (0, 0))
    one = next(iter(batches))
    bar = Progress({0: FoldWork([StageWork(steps, EPOCHS)], 0, 0)}, recipe.batch_size, lambda note: None).of_steps(0)
    whole, alone = alternate(
        lambda: model.fit(batches, epochs=EPOCHS, steps_per_epoch=steps, verbose=0, shuffle=False, callbacks=[bar]),
        _bare(model, one, EPOCHS * steps),
    )
    read = seconds(lambda: list(batches))
    clips = EPOCHS * len(rows)
    return (
        f"{networks.saved.name}: training loop {clips / whole:.1f} clips/s, bare step {clips / alone:.1f}; "
        f"{alone / whole:.1%} of it; the pipeline alone gives {clips / read:,.0f} clips/s"
    )


def training_step(recipe: Recipe, torch_python: str) -> str:
    """Clips/s of the bare training step, beside PyTorch's, and beside that of Keras' own layers.

    Args:
        recipe: of M3.
        torch_python: interpreter of an environment with PyTorch.

    Raises:
        UserError: no such interpreter.
    """
    policy = recipe.policy
    plain = replace(recipe, model=lambda **arguments: plain_layers(recipe.model(**arguments)))
    mels, frames, _ = recipe.front_end.picture_shape
    sizes = (width_of(recipe), CLASSES, mels, frames, BATCH, STEPS, policy.removeprefix("mixed_"))
    with running(torch_python, "torch_training.py", *sizes) as peer:
        ours, theirs, keras_own = alternate(_step_of(recipe, policy), peer, _step_of(plain, policy))
    clips = BATCH * STEPS
    return (
        f"training step, width {sizes[0]}, {BATCH} clips, {policy}: {clips / ours:.1f} clips/s; PyTorch "
        f"{clips / theirs:.1f}, {theirs / ours:.2f} times as fast; Keras' own layers {clips / keras_own:.1f}, "
        f"{keras_own / ours:.2f} times as fast"
    )


def _step_of(recipe: Recipe, policy: str) -> Callable[[], None]:
    """STEPS training steps of a recipe's first stage on random clips."""
    with dtype_policy(policy):
        networks = build_networks(recipe, CLASSES, (MEAN, DEVIATION))
        model = training_model(recipe, recipe.stages[0], networks)
    rng = np.random.default_rng(0)
    clips = rng.normal(MEAN, DEVIATION, (BATCH, *recipe.input_shape)).astype(np.float32)
    labels = (rng.random((BATCH, CLASSES)) < 0.02).astype(np.float32)
    return _bare(model, ((tf.constant(clips), tf.constant(labels)),), STEPS)


def _bare(model: TrainingModel, batch: tuple, steps: int) -> Callable[[], None]:
    """Training steps on one batch, and nothing else."""
    step = tf.function(model.train_step)

    def work():
        for _ in range(steps):
            step(batch)
        model.optimizer.iterations.numpy()  # waits for the last step

    return work
