"""A finished stage leaves nothing in memory: many folds and members are trained in one process."""

import gc

import keras
import numpy as np
import pytest
import tensorflow as tf

from fat_tf.audio import FrontEnd
from fat_tf.training.losses import SummedCrossEntropy
from fat_tf.training.optimiser import CoupledAdam
from fat_tf.training.training_model import TrainingModel
from fat_tf.training.weight_average import Averages, EmaWeights


def graphs() -> int:
    gc.collect()
    return sum("FuncGraph" in type(thing).__name__ for thing in gc.get_objects())


def fit_once() -> None:
    picture, labels = keras.Input((8, 8, 1)), keras.Input((3,))
    logits = keras.layers.Dense(3)(keras.layers.Flatten()(picture))
    averages = Averages(EmaWeights(), keras.Model(picture, logits).weights, 1)
    model = TrainingModel([picture, labels], [logits], (picture, labels), 3, SummedCrossEntropy(), averages)
    model.compile(CoupledAdam(), jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    one = (np.zeros((4, 8, 8, 1), np.float32), np.ones((4, 3), np.float32))
    model.fit(tf.data.Dataset.from_tensors((one,)), verbose=0)


def test_training_leaves_no_graph_behind():
    fit_once()
    before = graphs()
    for _ in range(2):
        fit_once()
    assert graphs() == before


@pytest.mark.slow
def test_networks_do_not_hang_on_the_front_end_of_the_recipe(run_tiny, tmp_path, monkeypatch):
    kept = []

    def call(self, sound, *arguments, **options):
        kept.extend([self] * isinstance(sound, keras.KerasTensor))
        return keras.layers.Layer.__call__(self, sound, *arguments, **options)

    monkeypatch.setattr(FrontEnd, "__call__", call)
    run_tiny(tmp_path / "r", folds=[0])
    assert kept and len({id(front_end) for front_end in kept}) == len(kept)
