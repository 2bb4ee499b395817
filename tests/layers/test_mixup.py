"""MixUp: what it mixes, and the distribution of its λ."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from draws import fits
from scipy import stats

from fat_tf.layers import FreqMixStyle, MixUp, UnionMixUp


def one_hot_batch(batch: int, shape=(3, 2, 1)) -> tuple[np.ndarray, np.ndarray]:
    """Pictures filled with their index, labels that say the same: any mixture can be read off."""
    y = np.eye(batch, dtype=np.float32)
    return np.arange(batch, dtype=np.float32).reshape(-1, *(1 for _ in shape)) * np.ones((1, *shape), np.float32), y


@pytest.mark.parametrize("shape", [(3, 2, 1), (100,)], ids=["pictures", "waveforms"])
@pytest.mark.parametrize("per_clip", [False, True])
def test_pictures_and_labels_are_mixed_alike(per_clip, shape):
    x, y = one_hot_batch(16, shape)
    mixed_x, mixed_y = MixUp(per_clip=per_clip, seed=1)((x, y), training=True)
    assert mixed_x.shape == x.shape and mixed_y.shape == y.shape
    np.testing.assert_allclose(mixed_y.numpy().sum(axis=1), 1, rtol=1e-5)
    expected = (mixed_y.numpy() @ np.arange(16)).reshape(-1, *(1 for _ in shape)) * np.ones((1, *shape))
    np.testing.assert_allclose(mixed_x, expected, rtol=1e-4, atol=1e-5)
    assert np.abs(mixed_y - y).max() > 0


def shares(per_clip: bool, alpha: float, batches: int) -> np.ndarray:
    """The λ of clips whose partner is another clip, (values,): one a batch, or one a clip."""
    layer, values = MixUp(alpha, per_clip, seed=7), []
    x, y = one_hot_batch(32)
    mix = tf.function(lambda: layer((x, y), training=True)[1])
    for _ in range(batches):
        mixed = mix().numpy()
        own = np.diag(mixed)[mixed.max(axis=1) < 1 - 1e-6]
        values.append(own if per_clip else own[:1])
        if not per_clip and len(own):
            np.testing.assert_allclose(own, own[0], atol=1e-6)
    return np.concatenate(values)


@pytest.mark.parametrize("alpha", [0.4, 1.0])
@pytest.mark.parametrize("per_clip, batches", [(False, 600), (True, 40)])
def test_lambda_is_beta_distributed(per_clip, batches, alpha):
    values = shares(per_clip, alpha, batches)
    assert fits(values, stats.beta(alpha, alpha), 0.02, 0.98)  # at the ends float32 and the filter above cut


def test_partners_are_a_permutation():
    x, y = one_hot_batch(64)
    mixed = MixUp(alpha=50.0, seed=3)((x, y), training=True)[1].numpy()
    np.testing.assert_allclose(mixed.sum(axis=0), 1, rtol=1e-5)  # each clip is the partner of one
    partners = [np.argsort(row)[-2:] for row in mixed]
    assert len({tuple(sorted(pair)) for pair in partners}) > 40


def test_unchanged_without_training():
    x, y = one_hot_batch(4)
    for training in (False, None):
        outputs = MixUp()((x, y), training=training)
        np.testing.assert_array_equal(outputs[0], x)
        np.testing.assert_array_equal(outputs[1], y)


def test_seed_decides_and_draws_go_on():
    x, y = one_hot_batch(16)
    first, second = MixUp(seed=5), MixUp(seed=5)
    draws = [first((x, y), training=True)[1].numpy() for _ in range(3)]
    again = [second((x, y), training=True)[1].numpy() for _ in range(3)]
    np.testing.assert_array_equal(draws, again)
    assert np.abs(draws[0] - draws[1]).max() > 0
    assert np.abs(MixUp(seed=6)((x, y), training=True)[1] - draws[0]).max() > 0


def test_inside_a_saved_model_in_half_precision(tmp_path):
    x, y = keras.Input((3, 2, 1), dtype="bfloat16"), keras.Input((4,))
    keras.Model([x, y], MixUp(alpha=0.3, per_clip=True, seed=2)((x, y))).save(tmp_path / "m.keras")
    layer = keras.models.load_model(tmp_path / "m.keras").layers[-1]
    assert (layer.alpha, layer.per_clip, layer.seed) == (0.3, True, 2)
    pictures, labels = one_hot_batch(4)
    mixed = layer((tf.cast(pictures, tf.bfloat16), labels), training=True)
    assert mixed[0].dtype == tf.bfloat16 and mixed[1].dtype == tf.float32


@pytest.mark.parametrize("layer", [MixUp, UnionMixUp, FreqMixStyle])
@pytest.mark.parametrize("alpha", [0.0, 0.01, -1.0])
def test_an_alpha_whose_draws_underflow_is_refused(layer, alpha):
    with pytest.raises(ValueError, match="alpha"):
        layer(alpha=alpha)
