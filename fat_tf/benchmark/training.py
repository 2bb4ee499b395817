"""The training loop, beside its bare step."""

import numpy as np
import tensorflow as tf

from fat_tf.benchmark.timing import alternate, seconds
from fat_tf.data.batches import training_batches
from fat_tf.data.builtin import open_dataset
from fat_tf.models.device import dtype_policy, resolve_precision
from fat_tf.training.networks import build_networks
from fat_tf.training.progress import Progress
from fat_tf.training.recipe import Recipe
from fat_tf.training.run_data import load_run_data
from fat_tf.training.time_left import FoldWork, StageWork
from fat_tf.training.training_model import training_model

EPOCHS = 3  # of a round; a fold has one start-up for all of its epochs


def training(recipe: Recipe, data_dir: str | None, cache_dir: str | None) -> str:
    """Clips/s of epochs of `fit` from the source, beside the bare training step on one batch."""
    data = load_run_data(recipe, open_dataset(data_dir), cache_dir)
    steps = -(-len(data.curated) // recipe.batch_size)
    rows = np.resize(data.curated, steps * recipe.batch_size)  # whole batches alone, as the bare step has
    with dtype_policy(resolve_precision(recipe.precision)):
        classes = data.targets.shape[1]
        networks = build_networks(recipe, data.source, classes, data.statistics(rows))
        model = training_model(recipe, recipe.stages[0], networks, data.source)
    batches = training_batches(data.source, rows, data.targets, recipe.batch_size, range(EPOCHS), (0, 0))
    one = next(iter(batches))
    bar = Progress({0: FoldWork([StageWork(steps, EPOCHS)], 0, 0)}, recipe.batch_size).of_steps(0)
    step = tf.function(model.train_step)

    def bare():
        for _ in range(EPOCHS * steps):
            step(one)
        model.optimizer.iterations.numpy()  # waits for the last step

    whole, alone = alternate(
        lambda: model.fit(batches, epochs=EPOCHS, steps_per_epoch=steps, verbose=0, shuffle=False, callbacks=[bar]),
        bare,
    )
    read = seconds(lambda: list(batches))
    clips = EPOCHS * len(rows)
    return (
        f"{networks.saved.name}: training loop {clips / whole:.1f} clips/s, bare step {clips / alone:.1f}; "
        f"{alone / whole:.1%} of it; the pipeline alone gives {clips / read:,.0f} clips/s"
    )
