"""Builds all that a run needs before it trains, so that what is wrong shows in the first minute."""

from collections.abc import Sequence

import keras

from fat_tf import config
from fat_tf.training.fold_data import fold_data
from fat_tf.training.fold_trainer import load_start
from fat_tf.training.networks import fold_networks
from fat_tf.training.recipe import Recipe
from fat_tf.training.run_data import RunData
from fat_tf.training.stage import BEST, FRESH, LAST, unrolled
from fat_tf.training.training_model import training_model


def dry_run(recipe: Recipe, run_data: RunData, fold: int, gin_params: Sequence[str]) -> keras.Model:
    """Build the networks, and what each stage trains.

    Returns:
        The network, picture to logits.

    Raises:
        UserError: weights that do not fit, a class to show that there is not.
        ConfigError: a value that something refuses, a binding that nothing read.
    """
    recipe.board.check(run_data.dataset.vocabulary)
    networks = fold_networks(recipe, run_data, fold_data(recipe, run_data, fold))
    for stage in unrolled(recipe.stages):
        training_model(recipe, stage, networks)
        if stage.start not in (FRESH, LAST, BEST):
            load_start(networks, stage)
    config.make("Bootstrap")  # of the metrics
    config.check_all_read(gin_params)
    return networks.network
