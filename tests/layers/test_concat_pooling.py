import numpy as np
import pytest

from fat_tf.layers import ConcatPooling2D


@pytest.mark.parametrize("shape", [(2, 3, 5, 4), (1, 1, 1, 1), (3, 8, 2, 7)])
def test_averages_then_maxima(shape, check_layer):
    inputs = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    outputs = ConcatPooling2D()(inputs)
    np.testing.assert_allclose(outputs[:, : shape[-1]], inputs.mean(axis=(1, 2)), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(outputs[:, shape[-1] :], inputs.max(axis=(1, 2)))
    assert ConcatPooling2D().weights == []
    check_layer(ConcatPooling2D(), inputs)
