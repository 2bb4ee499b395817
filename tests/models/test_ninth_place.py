"""M0 to M4 beyond their outputs: sizes, start values, options."""

import keras
import numpy as np
import pytest

from fat_tf import models
from fat_tf.benchmark.plain import plain_layers
from fat_tf.layers import ConcatPooling2D, Normalisation
from fat_tf.models.scoring import for_pictures

NAMES = ["m0", "m1", "m2", "m3", "m4"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(16, 16, 1), (17, 40, 1), (64, 256, 3), (128, 33, 2)])
def test_any_picture_that_survives_the_pooling(name, shape):
    model = getattr(models, name)(5, shape, width=2)
    assert model(np.zeros((2, *shape), np.float32)).shape == (2, 5)
    assert model.name == name and model.output.dtype == "float32"


@pytest.mark.parametrize("name, least", [*((name, 1) for name in (*NAMES, "mobilenet_v3")), ("densenet121", 2)])
def test_a_width_that_leaves_no_channels_is_refused(name, least):
    getattr(models, name)(5, (64, 64, 1), width=least)
    for width in (least - 1, -3):
        with pytest.raises(ValueError, match=f"{name}.width is {least} or more, not {width}"):
            getattr(models, name)(5, (64, 64, 1), width=width)


def test_a_layer_that_pools_is_made_for_each_place():
    with pytest.raises(ValueError, match=r"m3\.pooling .* write @ConcatPooling2D, without \(\)"):
        models.m3(5, (64, 64, 1), width=2, pooling=ConcatPooling2D())


@pytest.mark.parametrize("name, smallest", [("m0", 16), ("m1", 16), ("m2", 8), ("m3", 16), ("m4", 16)])
def test_a_picture_that_does_not_survive_is_refused(name, smallest):
    getattr(models, name)(5, (smallest, 64, 1), width=2)
    with pytest.raises(ValueError, match=f"{name} halves its picture {smallest}-fold"):
        getattr(models, name)(5, (smallest - 1, 64, 1), width=2)


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_those_of_plain_layers(name):
    model = getattr(models, name)(5, (16, 32, 1), width=2)
    ours, theirs = ([(weight.path, weight.shape) for weight in m.weights] for m in (model, plain_layers(model)))
    assert ours == theirs


def test_models_saved_with_plain_layers_still_score_alike(tmp_path):
    model = models.m3(5, (16, 32, 1), width=2)
    before = plain_layers(model)
    before.set_weights(model.get_weights())
    before.save(tmp_path / "before.keras")
    loaded, ours = (
        for_pictures(Normalisation(), network, "float32", (16, 32, 1))
        for network in (keras.models.load_model(tmp_path / "before.keras"), model)
    )
    picture = np.random.default_rng(0).standard_normal((2, 16, 32, 1)).astype(np.float32)
    np.testing.assert_allclose(loaded(picture), ours(picture), atol=1e-5)


def test_start_values_are_those_of_the_system():
    keras.utils.set_random_seed(1)
    model = models.m3(80, width=32)
    conv = model.get_layer("block4_conv2")
    kernel, fan_in = conv.kernel.numpy(), np.prod(conv.kernel.shape[:-1])
    assert kernel.std() == pytest.approx(np.sqrt(2 / fan_in), rel=0.01)
    assert np.abs(kernel).max() > 2.5 * kernel.std()  # not truncated at two deviations
    assert not conv.bias.numpy().any()
    for dense, inputs in ((model.get_layer("head_dense"), 1920), (model.get_layer("logits"), 256)):
        for weight in (dense.kernel.numpy(), dense.bias.numpy()):
            assert np.abs(weight).max() <= 1 / np.sqrt(inputs)
            assert weight.std() == pytest.approx(1 / np.sqrt(3 * inputs), rel=0.25)
    assert model.get_layer("head_prelu").alpha.numpy().tolist() == [0.25]
    norm = model.get_layer("block1_conv1_bn")
    assert (norm.momentum, norm.epsilon) == (0.9, 1e-5)


def test_dropout_samples_are_an_option_of_the_head():
    model = models.m1(5, (16, 32, 1), width=2, dropout_samples=16)
    assert model.get_layer("head_dropout").samples == 16


@pytest.mark.parametrize("name", NAMES)
def test_mixed_precision_ends_in_float32(name):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = getattr(models, name)(5, (16, 32, 1), width=2)
    finally:
        keras.config.set_dtype_policy("float32")
    assert model(np.zeros((1, 16, 32, 1), np.float32)).dtype == "float32"
    assert model.get_layer("block1_conv1").compute_dtype == "bfloat16"


def test_survives_saving(tmp_path):
    model = models.m3(5, (16, 32, 1), width=2)
    model.save(tmp_path / "m3.keras")
    picture = np.random.default_rng(0).standard_normal((2, 16, 32, 1)).astype(np.float32)
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "m3.keras")(picture), model(picture))
