"""A pooling and a channel of the picture that models may have."""

import numpy as np
import pytest

from fat_tf import models
from fat_tf.layers import FrequencyRamp, TimeMaxFrequencyMean

INPUTS = np.random.default_rng(0).standard_normal((2, 3, 5, 4)).astype(np.float32)


def test_the_maximum_over_time_is_averaged_over_frequency(check_layer):
    np.testing.assert_allclose(TimeMaxFrequencyMean()(INPUTS), INPUTS.max(axis=2).mean(axis=1), rtol=1e-6)
    check_layer(TimeMaxFrequencyMean(), INPUTS)


def test_the_ramp_rises_with_the_row(check_layer):
    outputs = np.asarray(FrequencyRamp()(INPUTS))
    np.testing.assert_array_equal(outputs[..., :4], INPUTS)
    np.testing.assert_allclose(
        outputs[:, :, :, 4], np.broadcast_to(np.array([-1, 0, 1])[:, None], (2, 3, 5)), atol=1e-7
    )
    check_layer(FrequencyRamp(), INPUTS)


@pytest.mark.parametrize("name", ["m0", "m1", "m2", "m3", "m4"])
def test_models_take_both(name):
    model = getattr(models, name)(5, (32, 32, 1), width=2, pooling=TimeMaxFrequencyMean, frequency_ramp=True)
    assert model(np.zeros((2, 32, 32, 1))).shape == (2, 5)
    assert {"ramp"} <= {layer.name for layer in model.layers}
    plain = getattr(models, name)(5, (32, 32, 1), width=2)
    assert model.layers[2].kernel.shape[2] == 2 and plain.layers[1].kernel.shape[2] == 1
