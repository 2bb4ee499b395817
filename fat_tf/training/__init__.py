"""From a data set and a recipe to trained folds, their out-of-fold scores and a report."""

import fat_tf.training.keras_parts  # noqa: F401 (registers them)
from fat_tf.training.ensemble import train_ensemble
from fat_tf.training.inputs import Inputs
from fat_tf.training.losses import SummedCrossEntropy
from fat_tf.training.noisy_scores import select_noisy
from fat_tf.training.optimiser import CoupledAdam
from fat_tf.training.recipe import Recipe
from fat_tf.training.run import prepare, train
from fat_tf.training.schedules import ReduceOnPlateau, WarmupCosine
from fat_tf.training.stage import Stage

__all__ = [
    "CoupledAdam",
    "Inputs",
    "Recipe",
    "ReduceOnPlateau",
    "Stage",
    "SummedCrossEntropy",
    "WarmupCosine",
    "prepare",
    "select_noisy",
    "train",
    "train_ensemble",
]
