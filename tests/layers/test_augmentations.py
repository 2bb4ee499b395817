"""Augmentations beyond the paper's: what they change, by how much, and how often."""

import keras
import numpy as np
import pytest
import tensorflow as tf

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
    x = np.arange(64, dtype=np.float32)[:, None, None, None] * np.ones((1, 2, 2, 1), np.float32)
    layer = UnionMixUp(alpha=0.4, per_clip=True, smallest=0.1, seed=1)
    found = set()
    for _ in range(20):
        pictures, labels = (part.numpy() for part in layer((x, np.eye(64, dtype=np.float32)), training=True))
        for clip, (value, row) in enumerate(zip(pictures[:, 0, 0, 0], labels, strict=True)):
            names = np.flatnonzero(row)
            assert clip in names and set(row[names]) == {1.0} and len(names) <= 2
            if len(names) == 2:
                other = names[names != clip][0]
                share = (value - other) / (clip - other)
                assert 0.5 <= share < 0.9 + 1e-4
            found.add(len(names))
    assert found == {1, 2}


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
    gains = 20 * changed(FilterAugment(fewest=2, most=3, decibels=6.0, deviation=20.0, seed=2), FLAT)
    assert (gains == gains[:, :, :1]).all()  # the same in all frames
    rows = gains[:, :, 0, 0]
    assert 5 < np.abs(rows).max() <= 6 and abs(rows.mean()) < 0.5
    bends = (np.abs(np.diff(rows, n=2, axis=1)) > 1e-3).sum(axis=1)
    assert bends.max() <= 2 * 2 and (bends > 0).mean() > 0.9  # a bend lies between two rows, and is seen in both
    one = 20 * changed(FilterAugment(fewest=1, most=1, seed=2), FLAT)[:, :, 0, 0]
    assert np.abs(np.diff(one, n=2, axis=1)).max() < 1e-3


def test_freq_mix_style_gives_rows_the_statistics_of_both_clips():
    layer = FreqMixStyle(probability=1.0, alpha=0.4, seed=1)
    x = PICTURES * np.arange(1, 65, dtype=np.float32)[:, None, None, None]
    got = changed(layer, x)
    standard = [(v - v.mean(axis=(2, 3), keepdims=True)) / v.std(axis=(2, 3), keepdims=True) for v in (x, got)]
    np.testing.assert_allclose(*standard, atol=1e-3)
    assert (np.abs(got.std(axis=(2, 3)) / x.std(axis=(2, 3)) - 1) > 0.05).any(axis=1).mean() > 0.5
    assert got.std(axis=(2, 3)).max() <= x.std(axis=(2, 3)).max() + 1e-3


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


def test_a_crop_keeps_a_part_of_each_axis():
    ramp = np.tile(np.linspace(0, 1, 101, dtype=np.float32)[None, None, :, None], (256, 3, 1, 1))
    rows = changed(RandomResizedCrop(frequency=1.0, time=0.5, seed=1), ramp)[:, 0, :, 0]
    kept = rows[:, -1] - rows[:, 0]
    assert 0.5 <= kept.min() < 0.55 and 0.95 < kept.max() <= 1 and abs(kept.mean() - 0.75) < 0.05
    np.testing.assert_allclose(np.diff(rows, n=2, axis=1), 0, atol=1e-5)
    assert rows[:, 0].max() > 0.3


def sounds() -> tuple[np.ndarray, np.ndarray]:
    """Clips (32, 64) each of a level of its own: 1, 2, 3 …"""
    signs = np.sign(np.random.default_rng(1).standard_normal((32, 64))).astype(np.float32)
    return signs * np.arange(1, 33, dtype=np.float32)[:, None], np.eye(32, dtype=np.float32)


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
    x, y = sounds()
    mixed, labels = (part.numpy() for part in OverlayMix(loudest=2.0, latest=0.5, seed=1)((x, y), training=True))
    ratios, begins = [], []
    for clip, (wave, of_clip) in enumerate(zip(mixed, labels, strict=True)):
        other = [name for name in np.flatnonzero(of_clip) if name != clip]
        assert of_clip[clip] == 1 and len(other) <= 1
        if other:
            rest = wave - x[clip]
            begin = int((rest != 0).argmax())
            ratio = np.abs(rest[begin]) / (clip + 1)
            np.testing.assert_allclose(rest[begin:] / ratio / (clip + 1), np.sign(x[other[0]][: 64 - begin]), rtol=1e-4)
            ratios.append(ratio)
            begins.append(begin)
    ratios = np.array(ratios)
    assert 0.5 <= ratios.min() < 0.8 < 1.2 < ratios.max() <= 2 and not ((ratios > 0.999) & (ratios < 1.001)).all()
    assert max(begins) <= 32 and len(set(begins)) > 10


def test_between_classes_the_label_is_the_share_that_is_heard():
    x, y = sounds()
    mixed, labels = (part.numpy() for part in BetweenClass(seed=1)((x, y), training=True))
    np.testing.assert_allclose(labels.sum(axis=1), 1, rtol=1e-5)
    checked = 0
    for clip, (wave, of_clip) in enumerate(zip(mixed, labels, strict=True)):
        if (of_clip > 0).sum() == 2:
            other, r = next(name for name in np.flatnonzero(of_clip) if name != clip), of_clip[clip]
            gains = [20 * np.log10(name + 1) for name in (clip, other)]
            t = 1 / (1 + 10 ** ((gains[0] - gains[1]) / 20) * (1 - r) / r)
            expected = (t * x[clip] + (1 - t) * x[other]) / np.sqrt(t**2 + (1 - t) ** 2)
            np.testing.assert_allclose(wave, expected, rtol=1e-3, atol=1e-3)
            checked += 1
    assert checked > 20


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
