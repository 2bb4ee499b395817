"""CoupledAdam against torch.optim.Adam on recorded steps (see make_torch_goldens.py)."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from fat_tf.training import CoupledAdam
from fat_tf.training.distribution import Mirrored, strategy_of

GOLDENS = np.load(Path(__file__).parent / "goldens" / "optimiser.npz")


def steps(optimiser: CoupledAdam, name: str) -> np.ndarray:
    """The weight after each recorded step."""
    weight = keras.Variable(GOLDENS["start"], dtype="float32", name=name)
    optimiser.build([weight])
    path = []
    for gradient, rate in zip(GOLDENS["grads"], GOLDENS["rates"], strict=True):
        optimiser.learning_rate = float(rate)
        optimiser.apply([tf.constant(gradient, tf.float32)], [weight])
        path.append(weight.numpy())
    return np.stack(path)


@pytest.mark.parametrize("name, golden", [
    ("kernel", "decayed"), ("gamma", "decayed"), ("alpha", "decayed"), ("bias", "free"), ("beta", "free"),
])  # fmt: skip
def test_equals_pytorch_step_by_step(name, golden):
    np.testing.assert_allclose(steps(CoupledAdam(), name), GOLDENS[golden], rtol=2e-6, atol=2e-7)


def test_the_clip_and_the_coupled_term_are_what_makes_it_equal():
    assert np.abs(steps(CoupledAdam(clip=1e9), "kernel") - GOLDENS["decayed"]).max() > 1e-3
    assert np.abs(steps(CoupledAdam(l2=0.0), "kernel") - GOLDENS["decayed"]).max() > 1e-5


def test_every_weight_of_a_model_decays_as_the_system_says():
    from fat_tf.models import m3

    model, optimiser = m3(5, (32, 64, 1), width=4), CoupledAdam()
    optimiser.build(model.trainable_variables)
    for decays, variable in zip(optimiser._decays, model.trainable_variables, strict=True):
        layer, kind = variable.path.split("/")[-2:]
        assert decays == (kind not in ("bias", "beta")), (layer, kind)


def started() -> tuple[CoupledAdam, keras.Variable]:
    weight, optimiser = keras.Variable(GOLDENS["start"], dtype="float32", name="kernel"), CoupledAdam(1e-2)
    optimiser.build([weight])
    return optimiser, weight


@pytest.mark.parametrize("jit_compile", [False, True])
def test_the_same_step_in_a_graph(jit_compile):
    optimiser, weight = started()
    gradient = tf.constant(GOLDENS["grads"][0], tf.float32)
    tf.function(lambda: optimiser.apply([gradient], [weight]), jit_compile=jit_compile)()
    np.testing.assert_allclose(weight, GOLDENS["decayed"][0], rtol=2e-6, atol=2e-7)


def test_the_same_step_on_two_replicas_whose_gradients_are_summed():
    strategy = strategy_of(Mirrored(("CPU:0", "CPU:1")))
    with strategy.scope():
        optimiser, weight = started()
    half = tf.constant(GOLDENS["grads"][0] / 2, tf.float32)
    strategy.run(tf.function(lambda: optimiser.apply([half], [weight])))
    np.testing.assert_allclose(weight, GOLDENS["decayed"][0], rtol=2e-6, atol=2e-7)


def test_survives_its_config():
    config = CoupledAdam(2e-3, l2=0.1, clip=0.5, beta_1=0.8, beta_2=0.9, epsilon=1e-6).get_config()
    assert CoupledAdam.from_config(config).get_config() == config
