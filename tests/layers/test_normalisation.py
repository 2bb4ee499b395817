import numpy as np
import pytest

from fat_tf.layers import Normalisation

PICTURES = (-35 + 20 * np.random.default_rng(0).standard_normal((3, 16, 20, 1))).astype(np.float32)


def test_with_constants(check_layer):
    np.testing.assert_allclose(Normalisation(-35.7, 21.6)(PICTURES), (PICTURES + 35.7) / 21.6, rtol=1e-5, atol=1e-6)
    check_layer(Normalisation(-35.7, 21.6), PICTURES)


def test_clip_by_clip(check_layer):
    outputs = Normalisation()(PICTURES).numpy()
    np.testing.assert_allclose(outputs.mean(axis=(1, 2, 3)), 0, atol=1e-4)
    np.testing.assert_allclose(outputs.std(axis=(1, 2, 3)), 1, atol=1e-3)
    check_layer(Normalisation(), PICTURES)


def test_a_constant_picture_stays_finite():
    np.testing.assert_array_equal(Normalisation()(np.full((1, 4, 4, 1), -80.0)), 0)


@pytest.mark.parametrize("arguments", [{"mean": 1.0}, {"deviation": 1.0}, {"mean": 0.0, "deviation": 0.0}])
def test_half_a_statistic_is_refused(arguments):
    with pytest.raises(ValueError, match="Normalisation"):
        Normalisation(**arguments)
