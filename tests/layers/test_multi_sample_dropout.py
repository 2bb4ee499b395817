"""MultiSampleDropout: the mean of many dropouts, nothing without training."""

import numpy as np
import pytest

from fat_tf.layers import MultiSampleDropout

ONES = np.ones((400, 50), np.float32)


@pytest.mark.parametrize("samples, rate", [(1, 0.5), (16, 0.1), (4, 0.3)])
def test_mean_and_variance_are_those_of_a_mean_of_dropouts(samples, rate):
    outputs = MultiSampleDropout(samples, rate, seed=1)(ONES, training=True).numpy()
    variance = rate / (1 - rate) / samples
    assert abs(outputs.mean() - 1) < 5 * np.sqrt(variance / ONES.size)
    assert outputs.var() == pytest.approx(variance, rel=0.05)
    levels = np.unique(np.round(outputs * samples * (1 - rate), 4))
    assert set(levels) <= set(range(samples + 1))


def test_a_dense_layer_after_it_is_the_mean_of_its_outputs_for_single_dropouts():
    kernel = np.random.default_rng(0).standard_normal((50, 3))
    outputs = MultiSampleDropout(16, 0.1, seed=2)(ONES, training=True).numpy() @ kernel
    assert outputs.mean(axis=0) == pytest.approx(ONES[0] @ kernel, abs=0.15)


def test_unchanged_without_training(check_layer):
    np.testing.assert_array_equal(MultiSampleDropout()(ONES), ONES)
    np.testing.assert_array_equal(MultiSampleDropout(rate=0.0)(ONES, training=True), ONES)
    check_layer(MultiSampleDropout(8, 0.2, seed=3), ONES[:4])


def test_seed_decides():
    draws = [MultiSampleDropout(seed=seed)(ONES, training=True).numpy() for seed in (1, 1, 2)]
    np.testing.assert_array_equal(draws[0], draws[1])
    assert (draws[0] != draws[2]).any()


@pytest.mark.parametrize("arguments", [{"rate": 1.0}, {"rate": -0.1}, {"samples": 0}])
def test_rates_out_of_range_are_refused(arguments):
    with pytest.raises(ValueError, match="MultiSampleDropout"):
        MultiSampleDropout(**arguments)
