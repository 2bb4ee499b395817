"""Augmentations beyond the paper's: what they change, by how much, and how often."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from draws import fits
from scipy import stats

from fat_tf.layers import (
    BetweenClass,
    CrossFade,
    FilterAugment,
    FreqMixStyle,
    OverlayMix,
    RandomGain,
    RandomLength,
    RandomResizedCrop,
    TimeShift,
    UnionMixUp,
)

OF_PICTURES = (FilterAugment, FreqMixStyle, RandomGain, RandomLength, RandomResizedCrop, TimeShift)
MIXING = (CrossFade, UnionMixUp)
PICTURES = np.random.default_rng(0).normal(0, 1, (64, 16, 40, 2)).astype(np.float32)
FLAT = np.zeros((256, 64, 8, 1), np.float32)


def changed(layer, inputs) -> np.ndarray:
    return tf.function(layer)(inputs, training=True).numpy()


@pytest.mark.parametrize("kind", OF_PICTURES)
def test_pictures_are_changed_while_training_alone_as_the_seed_says(check_layer, kind):
    check_layer(kind(seed=3), PICTURES[:4])
    first, second = kind(seed=5), kind(seed=5)
    draws = [changed(first, PICTURES) for _ in range(4)]
    np.testing.assert_array_equal(draws, [changed(second, PICTURES) for _ in range(4)])
    assert any((draw != PICTURES).any() for draw in draws) and (draws[0] != draws[1]).any()
    half = kind(seed=5, dtype="mixed_bfloat16")(PICTURES, training=True)
    assert half.dtype == tf.bfloat16 and half.shape == PICTURES.shape


@pytest.mark.parametrize("kind", MIXING)
def test_mixing_layers_keep_what_is_not_trained_on_and_their_settings(kind, tmp_path):
    x, y = keras.Input((16, 40, 2), dtype="bfloat16"), keras.Input((64,))
    keras.Model([x, y], kind(smallest=0.2, seed=2)((x, y))).save(tmp_path / "m.keras")
    layer = keras.models.load_model(tmp_path / "m.keras").layers[-1]
    assert layer.get_config() == kind(smallest=0.2, seed=2, name=layer.name, dtype=layer.dtype_policy).get_config()
    pictures, labels = layer((tf.cast(PICTURES, tf.bfloat16), np.eye(64, dtype=np.float32)), training=True)
    assert (pictures.dtype, labels.dtype) == (tf.bfloat16, tf.float32)
    for given, got in zip((PICTURES, np.eye(64)), kind()((PICTURES, np.eye(64))), strict=True):
        np.testing.assert_array_equal(given, got)


def test_labels_are_united_where_both_clips_are_heard():
    """Each picture has a column of its own: a mixture shows what is in it, and how much of it."""
    layer, of_clip = UnionMixUp(alpha=0.4, per_clip=True, smallest=0.1, seed=1), np.eye(64, dtype=np.float32)
    own = []
    for _ in range(20):
        pictures, labels = layer((of_clip[:, None, :, None], of_clip), training=True)
        shares = pictures.numpy()[:, 0, :, 0]
        np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)
        np.testing.assert_array_equal(labels, shares > 0.1)
        own.extend(np.diag(shares))
    assert min(own) >= 0.5 and fits(own, stats.beta(0.4, 0.4), 0.5, 0.98)  # the larger of two shares


def test_a_cross_fade_begins_with_one_clip_and_ends_with_another():
    x = np.arange(64, dtype=np.float32)[:, None, None, None] * np.ones((1, 2, 100, 1), np.float32)
    pictures, labels = CrossFade(fade=0.1, smallest=0.1, seed=4)((x, np.eye(64, dtype=np.float32)), training=True)
    moments, heard = [], []
    for clip, (row, of_clip) in enumerate(zip(pictures.numpy()[:, 0, :, 0], labels.numpy(), strict=True)):
        steps = np.abs(np.diff(row))
        assert np.count_nonzero(steps) <= 11 and ((np.diff(row) >= -1e-4).all() or (np.diff(row) <= 1e-4).all())
        partner = row[-1]
        if row[0] == clip and partner != clip and partner == round(partner):
            share = (row - partner).sum() / (clip - partner) / 100
            moments.append(share)
            assert (of_clip[clip], of_clip[int(partner)]) == (float(share > 0.1), float(share < 0.9))
            heard.append(of_clip.sum())
    assert len(moments) > 40 and 0.35 < np.mean(moments) < 0.65 and 2 in heard


def test_filter_gains_are_straight_lines_between_few_places():
    gains = 20 * changed(FilterAugment(decibels=6.0, deviation=20.0, seed=2), np.zeros((1000, 1024, 2, 1), np.float32))
    assert (gains == gains[:, :, :1]).all()  # the same in all frames
    rows = gains[:, :, 0, 0]
    assert np.abs(rows).max() <= 6 and fits(rows[:, 0], stats.uniform(-6, 12))
    is_bent = np.abs(np.diff(rows, n=2, axis=1)) > 1e-4
    bands = 1 + (np.diff(is_bent, axis=1, prepend=False) & is_bent).sum(axis=1)  # a bend is seen in the rows beside it
    assert bands.max() == 5
    np.testing.assert_allclose([(bands == number).mean() for number in (3, 4, 5)], 1 / 3, atol=0.06)


def test_one_band_is_one_straight_line():
    rows = 20 * changed(FilterAugment(fewest=1, most=1, seed=2), FLAT)[:, :, 0, 0]
    assert np.abs(np.diff(rows, n=2, axis=1)).max() < 1e-3


def test_freq_mix_style_gives_rows_the_statistics_of_both_clips():
    """The mean of row k is 1 in clip k and 0 in the others: means show whose statistics were mixed, in which shares."""
    draw, own = np.random.default_rng(1), []
    noise = draw.normal([0, 3], size=(32, 32, 40, 2))  # channels differ, and are a row together
    noise = (noise - noise.mean(axis=(2, 3), keepdims=True)) / noise.std(axis=(2, 3), keepdims=True)
    deviation = draw.uniform(0.5, 2, (32, 32))
    x = (np.eye(32)[..., None, None] + deviation[..., None, None] * noise).astype(np.float32)
    layer = FreqMixStyle(probability=1.0, alpha=0.4, seed=1)
    for _ in range(30):
        got = layer(x, training=True).numpy()
        shares = got.mean(axis=(2, 3))
        partners = (shares - np.diag(np.diag(shares)) > 1e-4).sum(axis=1)
        assert partners.max() == 1 and partners.mean() > 0.7
        np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-4)
        expected = shares[..., None, None] + (shares @ deviation)[..., None, None] * noise
        np.testing.assert_allclose(got, expected, atol=1e-3)
        own.extend(np.diag(shares))
    assert fits(own, stats.beta(0.4, 0.4), 0.02, 0.98)


def test_freq_mix_style_changes_a_share_of_the_batches():
    layer = FreqMixStyle(probability=0.4, seed=1)
    mix = tf.function(lambda: tf.reduce_any(layer(PICTURES[:8], training=True) != PICTURES[:8]))
    assert 60 <= sum(bool(mix()) for _ in range(200)) <= 100


def test_gains_are_uniform_and_one_a_picture():
    gains = 20 * changed(RandomGain(decibels=6.0, deviation=20.0, seed=1), FLAT)
    assert (gains == gains[:, :1, :1]).all()
    assert -6 <= gains.min() < -5.5 and 5.5 < gains.max() <= 6 and abs(gains.mean()) < 0.7


def test_a_shift_turns_pictures_round():
    x = np.tile(np.arange(40, dtype=np.float32)[None, None, :, None], (256, 2, 1, 1))
    shifted = changed(TimeShift(share=0.25, seed=1), x)[:, 0, :, 0]
    by = shifted.argmin(axis=1)
    assert all((row == np.roll(np.arange(40), n)).all() for row, n in zip(shifted, by, strict=True))
    assert set(np.minimum(by, 40 - by)) == set(range(11))


@pytest.mark.parametrize("axis, parts", [(1, {"frequency": 0.5, "time": 1.0}), (2, {"frequency": 1.0, "time": 0.5})])
def test_a_crop_keeps_a_part_of_each_axis(axis, parts):
    ramp = np.tile(np.linspace(0, 1, 101, dtype=np.float32)[None, :, None, None], (256, 1, 3, 1))
    rows = changed(RandomResizedCrop(**parts, seed=1), np.moveaxis(ramp, 1, axis))
    rows = np.moveaxis(rows, axis, 1)[:, :, 0, 0]
    kept = rows[:, -1] - rows[:, 0]
    assert fits(kept, stats.uniform(0.5, 0.5)) and fits(rows[:, 0] / (1 - kept), stats.uniform())
    np.testing.assert_allclose(np.diff(rows, n=2, axis=1), 0, atol=1e-5)


def sounds() -> tuple[np.ndarray, np.ndarray]:
    """Clips (32, 2000) each of a level of its own: 1, 2, 3 …"""
    signs = np.sign(np.random.default_rng(1).standard_normal((32, 2000))).astype(np.float32)
    return signs * np.arange(1, 33, dtype=np.float32)[:, None], np.eye(32, dtype=np.float32)


def mixtures(layer, batches: int):
    """Of clips that were mixed with others: clip, other one, wave, labels."""
    x, y = sounds()
    for _ in range(batches):
        mixed, labels = (part.numpy() for part in layer((x, y), training=True))
        for clip, (wave, of_clip) in enumerate(zip(mixed, labels, strict=True)):
            other = [name for name in np.flatnonzero(of_clip) if name != clip]
            assert of_clip[clip] > 0 and len(other) <= 1
            if other:
                yield clip, other[0], wave, of_clip


def test_a_stretch_is_repeated_to_the_whole_width():
    ramp = np.tile(np.arange(40, dtype=np.float32)[None, None, :, None], (256, 2, 1, 1))
    rows = changed(RandomLength(shortest=0.5, seed=1), ramp)[:, 0, :, 0]
    lengths = []
    for row in rows:
        length = int(np.flatnonzero(np.diff(np.append(row, -1.0)) != 1)[0]) + 1
        np.testing.assert_array_equal(row, np.resize(row[0] + np.arange(length), 40))
        lengths.append(length)
    assert min(lengths) in (20, 21) and max(lengths) >= 39 and rows.min() >= 0 and rows.max() <= 39
    assert len(set(rows[:, 0])) > 10


def test_sounds_that_are_laid_over_each_other_keep_both_labels_and_their_ratio():
    x, _ = sounds()
    ratios, begins = [], []
    for clip, other, wave, labels in mixtures(OverlayMix(loudest=2.0, latest=0.5, seed=1), batches=10):
        assert labels.sum() == 2
        rest = wave - x[clip]
        begin = int((rest != 0).argmax())
        ratio = np.abs(rest[begin]) / (clip + 1)
        np.testing.assert_allclose(rest[begin:] / ratio / (clip + 1), np.sign(x[other][: 2000 - begin]), rtol=1e-4)
        ratios.append(ratio)
        begins.append(begin)
    is_louder = np.greater(ratios, 1)
    assert stats.binomtest(is_louder.sum(), len(ratios)).pvalue > 1e-3
    assert fits(np.where(is_louder, ratios, np.divide(1, ratios)), stats.uniform(1, 1))
    assert fits(begins, stats.uniform(0, 1000))


def test_between_classes_the_label_is_the_share_that_is_heard():
    x, _ = sounds()
    shares = []
    for clip, other, wave, labels in mixtures(BetweenClass(seed=1), batches=10):
        r = labels[clip]
        np.testing.assert_allclose(labels.sum(), 1, rtol=1e-5)
        gains = [20 * np.log10(name + 1) for name in (clip, other)]
        t = 1 / (1 + 10 ** ((gains[0] - gains[1]) / 20) * (1 - r) / r)
        expected = (t * x[clip] + (1 - t) * x[other]) / np.sqrt(t**2 + (1 - t) ** 2)
        np.testing.assert_allclose(wave, expected, rtol=1e-3, atol=1e-3)
        shares.append(r)
    assert fits(shares, stats.uniform())


def test_silence_mixes_to_finite_sounds():
    x = np.zeros((8, 64), np.float32)
    for layer in (OverlayMix(seed=1), BetweenClass(seed=1)):
        assert np.isfinite(layer((x, np.eye(8, dtype=np.float32)), training=True)[0]).all()


def test_what_is_laid_over_silence_is_heard():
    x = np.zeros((8, 64), np.float32)
    x[::2] = 1.0
    mixed, labels = OverlayMix(seed=1)((x, np.eye(8, dtype=np.float32)), training=True)
    beside_silence = (labels.numpy().sum(axis=1) == 2) & (np.arange(8) % 2 == 1) & (labels.numpy()[:, ::2].any(axis=1))
    assert beside_silence.any() and (mixed.numpy()[beside_silence].max(axis=1) >= 0.5).all()


@pytest.mark.parametrize("make", [
    lambda: UnionMixUp(smallest=0.7), lambda: CrossFade(fade=2), lambda: FilterAugment(fewest=4, most=3),
    lambda: FreqMixStyle(alpha=0), lambda: RandomGain(decibels=-1), lambda: TimeShift(share=2),
    lambda: RandomResizedCrop(time=0), lambda: RandomLength(shortest=0), lambda: OverlayMix(loudest=0.5),
])  # fmt: skip
def test_values_that_make_no_sense_are_refused(make):
    with pytest.raises(ValueError, match=r"\w+: "):
        make()
