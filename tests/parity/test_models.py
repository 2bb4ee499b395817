"""M0 to M4 against an independent PyTorch build with the same weights (see make_torch_goldens.py)."""

from pathlib import Path

import keras
import numpy as np
import pytest

from fat_tf import models

GOLDENS = np.load(Path(__file__).parent / "goldens" / "models.npz")
WIDTH, CLASSES, SHAPE = 4, 7, (3, 32, 64, 1)
PUBLISHED = {"m0": 4_765_329, "m1": 6_380_753, "m2": 6_720_593, "m3": 26_129_489, "m4": 25_667_153}
NAMES = list(PUBLISHED)


def weights(layer, rng) -> list[np.ndarray]:
    """New weights of one layer, in the order and scale of the goldens' script."""
    shapes = [weight.shape for weight in layer.weights]
    if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
        kernel = rng.standard_normal(shapes[0]) / np.sqrt(np.prod(shapes[0][:-1]))
        return [kernel, rng.standard_normal(shapes[1]) * 0.1]
    if isinstance(layer, keras.layers.BatchNormalization):
        gamma, beta = rng.uniform(0.5, 1.5, shapes[0]), rng.standard_normal(shapes[0]) * 0.1
        return [gamma, beta, rng.standard_normal(shapes[0]) * 0.1, rng.uniform(0.5, 1.5, shapes[0])]
    return [rng.uniform(0.1, 0.4, shapes[0])]


def in_written_order(model) -> list:
    """Layers with weights, as the network is written: a block's conv1, bn1, conv2, bn2; then the head."""
    heads = ["head_bn1", "head_dense", "head_prelu", "head_bn2", "logits"]
    blocks = sorted({layer.name.split("_")[0] for layer in model.layers if layer.name.startswith("block")})
    names = [f"{block}_{part}" for block in blocks for part in ("conv1", "conv1_bn", "conv2", "conv2_bn")]
    return [model.get_layer(name) for name in names + heads]


@pytest.fixture(params=NAMES)
def filled(request):
    rng = np.random.default_rng(NAMES.index(request.param))
    model = getattr(models, request.param)(CLASSES, SHAPE[1:], width=WIDTH)
    for layer in in_written_order(model):
        layer.set_weights(weights(layer, rng))
    return model, rng.standard_normal(SHAPE).astype(np.float32)


def test_outputs_and_moving_means_equal_pytorch(filled):
    model, picture = filled
    np.testing.assert_allclose(model(picture), GOLDENS[f"{model.name}_eval"], rtol=2e-4, atol=2e-5)
    np.testing.assert_allclose(model(picture, training=True), GOLDENS[f"{model.name}_train"], rtol=2e-3, atol=2e-4)
    moved = model.get_layer("head_bn1").moving_mean
    np.testing.assert_allclose(moved, GOLDENS[f"{model.name}_running_mean"], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_those_published(name):
    model = getattr(models, name)()
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == PUBLISHED[name]
    assert model.output_shape == (None, 80)
