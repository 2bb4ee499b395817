"""From a data set and a recipe to trained folds, their out-of-fold scores and a report."""

from fat_tf.training.optimiser import CoupledAdam
from fat_tf.training.recipe import Recipe
from fat_tf.training.run import prepare, train
from fat_tf.training.schedule import WarmupCosine

__all__ = ["CoupledAdam", "Recipe", "WarmupCosine", "prepare", "train"]
