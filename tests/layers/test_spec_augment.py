"""SpecAugment: bands only, of the right sizes, where they should be."""

import numpy as np
import pytest
import tensorflow as tf

from fat_tf.layers import SpecAugment

ONES = np.ones((256, 64, 128, 1), np.float32)


def masked(**arguments) -> np.ndarray:
    """(batch, mels, frames) bool after one call."""
    return tf.function(SpecAugment(seed=1, fill=7.0, **arguments))(ONES, training=True).numpy()[..., 0] == 7.0


def widths(axis_masked: np.ndarray) -> np.ndarray:
    return axis_masked.sum(axis=1)


def test_whole_rows_and_columns_alone_are_filled():
    mask = masked()
    rows, columns = mask.all(axis=2), mask.all(axis=1)
    np.testing.assert_array_equal(mask, rows[:, :, None] | columns[:, None, :])
    assert 0 < rows.mean() < 0.15 and 0 < columns.mean() < 0.3


@pytest.mark.parametrize("fraction", [0.15, 0.3, 1.0])
def test_sizes_of_one_mask_are_uniform(fraction):
    for arguments, axis, size in (
        ({"frequency": fraction, "time": 0.0}, 2, 64),
        ({"frequency": 0.0, "time": fraction}, 1, 128),
    ):
        found = widths(masked(masks=1, **arguments).all(axis=axis))
        assert found.max() <= fraction * size
        expected = (np.ceil(fraction * size) - 1) / 2  # floor of U(0, fraction · size)
        assert abs(found.mean() - expected) < 4 * fraction * size / np.sqrt(12 * len(found)) + 0.5


def test_one_mask_is_one_band_anywhere_on_the_axis():
    columns = masked(frequency=0.0, time=0.3, masks=1).all(axis=1)
    edges = np.abs(np.diff(np.pad(columns, ((0, 0), (1, 1))).astype(int), axis=1)).sum(axis=1)
    assert set(edges) <= {0, 2}
    hits = columns.sum(axis=0)
    assert hits[0] > 0 and hits[-1] > 0  # both ends are reached
    assert hits[: len(hits) // 2].sum() == pytest.approx(hits[len(hits) // 2 :].sum(), rel=0.2)


def test_clips_of_a_batch_differ_and_seeds_decide():
    first, second = SpecAugment(seed=4), SpecAugment(seed=4)
    draws = [first(ONES, training=True).numpy() for _ in range(2)]
    np.testing.assert_array_equal(draws, [second(ONES, training=True).numpy() for _ in range(2)])
    assert (draws[0] != draws[1]).any() and (draws[0][0] != draws[0][1]).any()


def test_unchanged_without_training_and_without_masks(check_layer):
    np.testing.assert_array_equal(SpecAugment()(ONES), ONES)
    np.testing.assert_array_equal(SpecAugment(masks=0)(ONES, training=True), ONES)
    check_layer(SpecAugment(0.1, 0.2, 3, fill=-1.0, seed=9), ONES[:2])


def test_half_precision_while_training():
    layer = SpecAugment(seed=1, fill=7.0)
    layer.dtype_policy = "mixed_bfloat16"
    outputs = layer(ONES, training=True)
    assert outputs.dtype == tf.bfloat16
    np.testing.assert_array_equal(tf.cast(outputs, tf.float32)[..., 0] == 7.0, masked())


@pytest.mark.parametrize("arguments", [{"frequency": 1.5}, {"time": -0.1}, {"masks": -1}])
def test_parts_out_of_range_are_refused(arguments):
    with pytest.raises(ValueError, match="SpecAugment"):
        SpecAugment(**arguments)
