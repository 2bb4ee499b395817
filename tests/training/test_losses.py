"""The cost of a clip, by the package, by Keras and of one's own."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from fat_tf.errors import UserError
from fat_tf.training.losses import (
    BySource,
    Lsep,
    MaskedCrossEntropy,
    SigmoidFocal,
    SoftBootstrapping,
    SummedCrossEntropy,
    SummedLq,
    Trimmed,
    costs,
    cross_entropy_of_scores,
    loss_of_clips,
    needs_best,
    needs_noisy,
    of_curated,
    of_whole_batch,
)

LABELS = np.array([[1, 0, 1], [0, 0, 0.3]], np.float32)
LOGITS = np.array([[2, -1, 50], [0, -80, 1]], np.float32)


def by_hand():
    share = 1 / (1 + np.exp(-LOGITS.astype(np.float64)))
    with np.errstate(divide="ignore"):
        return -(LABELS * np.log(share) + (1 - LABELS) * np.where(LABELS == 1, 0, np.log1p(-share))).sum(axis=1)


def test_cross_entropy_is_summed_over_the_classes():
    np.testing.assert_allclose(loss_of_clips(SummedCrossEntropy)(LABELS, LOGITS), by_hand(), rtol=1e-5)


def test_the_cross_entropy_of_scores_is_that_of_their_logits():
    hard, logits = np.round(LABELS), np.clip(LOGITS, -20, 20)
    scores = 1 / (1 + np.exp(-logits.astype(np.float64)))
    np.testing.assert_allclose(cross_entropy_of_scores(scores, hard), SummedCrossEntropy()(hard, logits), rtol=1e-5)


def test_a_loss_of_keras_is_taken_clip_by_clip():
    keras_own = keras.losses.BinaryCrossentropy(from_logits=True)
    np.testing.assert_allclose(loss_of_clips(keras_own)(LABELS, LOGITS), by_hand() / 3, rtol=1e-5)
    with pytest.raises(UserError, match=r"BinaryCrossentropy takes probabilities: bind .*from_logits = True"):
        loss_of_clips(keras.losses.BinaryCrossentropy)


def sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x, np.float64)))


MANY = 3 * np.random.default_rng(0).standard_normal((64, 7)).astype(np.float32)
HARD = (np.random.default_rng(1).random((64, 7)) < 0.3).astype(np.float32)
ENTROPY_LOSS = SummedCrossEntropy()
ENTROPY = np.asarray(ENTROPY_LOSS(HARD, MANY))


def test_lsep_counts_each_pair_of_a_label_and_another_class():
    labels, logits = HARD[HARD.any(axis=1)], MANY[HARD.any(axis=1)]
    pairs = [np.exp(s[y == 0][:, None] - s[y == 1]).sum() for y, s in zip(labels, logits.astype(float), strict=True)]
    np.testing.assert_allclose(Lsep(share=1)(labels, logits), np.log1p(pairs), rtol=1e-5)
    np.testing.assert_allclose(
        Lsep(share=0.3)(labels, logits),
        0.3 * np.log1p(pairs) + 0.7 * SummedCrossEntropy()(labels, logits).numpy(),
        rtol=1e-5,
    )


def test_lsep_of_clips_without_labels_is_their_cross_entropy_and_nothing_overflows():
    none, extreme = np.zeros((3, 4), np.float32), np.array([[300, -300, 0, 5]] * 3, np.float32)
    np.testing.assert_allclose(Lsep(share=1)(none, extreme), SummedCrossEntropy()(none, extreme))
    assert np.isfinite(Lsep(share=1)(1 - none, extreme)).all() and np.allclose(Lsep(share=1)(1 - none, extreme), 0)
    assert np.isfinite(Lsep(share=1)(np.eye(4, dtype=np.float32)[[1, 0, 2]], extreme)).all()


def test_lsep_takes_the_labels_of_mixup_that_are_worth_it():
    logits = MANY[:1, :4]
    mixed, hard = np.array([[0.95, 0.05, 0, 0]], np.float32), np.array([[1, 0, 0, 0]], np.float32)
    np.testing.assert_allclose(Lsep(share=1, smallest=0.1)(mixed, logits), Lsep(share=1)(hard, logits))


def test_lsep_prefers_the_better_ranking():
    labels, better = np.array([[1, 0, 0]], np.float32), np.array([[2, 1, 0]], np.float32)
    assert Lsep(share=1)(labels, better) < Lsep(share=1)(labels, better[:, ::-1].copy())


@pytest.mark.parametrize("gamma", [0.0, 2.0])
def test_focal_equals_keras(gamma):
    theirs = keras.losses.BinaryFocalCrossentropy(from_logits=True, gamma=gamma)
    np.testing.assert_allclose(SigmoidFocal(gamma)(HARD, MANY), 7 * theirs.call(HARD, MANY), rtol=1e-4)


def test_lq_is_between_absolute_error_and_cross_entropy():
    p = sigmoid(MANY)
    np.testing.assert_allclose(SummedLq(q=1)(HARD, MANY), np.abs(HARD - p).sum(axis=1), rtol=1e-5)
    np.testing.assert_allclose(SummedLq(q=1e-3)(HARD, MANY), ENTROPY, rtol=1e-2)
    right = np.where(HARD == 1, p, 1 - p)
    np.testing.assert_allclose(SummedLq(q=0.7)(HARD, MANY), ((1 - right**0.7) / 0.7).sum(axis=1), rtol=1e-5)


def test_bootstrapping_believes_the_model_of_noisy_clips_alone():
    noisy = np.resize([0, 1, 0.5], 64).astype(np.float32)
    target = HARD + (0.3 * noisy)[:, None] * (sigmoid(MANY) - HARD)
    expected = -(target * np.log(sigmoid(MANY)) + (1 - target) * np.log(sigmoid(-MANY))).sum(axis=1)
    loss = SoftBootstrapping(beta=0.7)
    np.testing.assert_allclose(loss(HARD, MANY, noisy), expected, rtol=1e-5)
    np.testing.assert_allclose(loss(HARD, MANY, np.zeros(64, np.float32)), ENTROPY, rtol=1e-6)


def test_no_gradient_passes_through_the_target_of_bootstrapping():
    logits, labels = tf.constant(MANY[:4]), tf.constant(HARD[:4])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        cost = SoftBootstrapping(beta=0.6)(labels, logits, tf.ones(4))
    p = sigmoid(MANY[:4])
    np.testing.assert_allclose(tape.gradient(cost, logits), p - (0.6 * HARD[:4] + 0.4 * p), atol=1e-6)


def test_masking_leaves_out_the_highest_unlabelled_logits_of_each_class():
    each = -(HARD * np.log(sigmoid(MANY)) + (1 - HARD) * np.log(sigmoid(-MANY)))
    for k in range(7):
        unlabelled = np.flatnonzero(HARD[:, k] == 0)
        each[unlabelled[np.argsort(-MANY[unlabelled, k])[:3]], k] = 0
    np.testing.assert_allclose(MaskedCrossEntropy(share=3 / 64)(HARD, MANY), each.sum(axis=1), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(MaskedCrossEntropy(share=0)(HARD, MANY), ENTROPY, rtol=1e-6)
    ones = np.ones((4, 2), np.float32)
    np.testing.assert_allclose(MaskedCrossEntropy(share=0.5)(ones, ones), SummedCrossEntropy()(ones, ones))


def test_masking_takes_one_clip_of_a_small_batch_and_soft_labels_for_what_they_are():
    soft = (0.05 + 0.9 * HARD).astype(np.float32)
    few, logits = soft[:16], MANY[:16]
    each = -(few * np.log(sigmoid(logits)) + (1 - few) * np.log(sigmoid(-logits)))
    unlabelled = np.where(HARD[:16] == 0, logits, -np.inf)
    each[unlabelled.argmax(axis=0), np.arange(7)] = 0
    np.testing.assert_allclose(MaskedCrossEntropy()(few, logits), each.sum(axis=1), rtol=1e-4)
    np.testing.assert_allclose(MaskedCrossEntropy()(HARD[:1], MANY[:1]), ENTROPY[:1], rtol=1e-6)


@pytest.mark.parametrize("gamma", [0.0, 0.5])
def test_the_gradient_of_focal_is_finite_where_nothing_is_wrong(gamma):
    logits, labels = tf.constant([[40.0, -40.0]]), tf.constant([[1.0, 0.0]])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        cost = SigmoidFocal(gamma=gamma)(labels, logits)
    np.testing.assert_allclose(tape.gradient(cost, logits), 0, atol=1e-6)


def test_trimming_leaves_out_the_clips_that_cost_most():
    trimmed = Trimmed(SummedCrossEntropy, share=0.03)(HARD, MANY).numpy()
    assert (trimmed == 0).sum() == 2 and ENTROPY[trimmed == 0].min() >= ENTROPY[trimmed > 0].max()
    np.testing.assert_array_equal(trimmed[trimmed > 0], ENTROPY[trimmed > 0])
    assert needs_noisy(Trimmed(SoftBootstrapping)) and not needs_noisy(Trimmed(SummedCrossEntropy))
    for clips, dropped in ((1, 0), (2, 1), (16, 1)):
        few = Trimmed(SummedCrossEntropy, share=0.03)(HARD[:clips], MANY[:clips]).numpy()
        assert (few == 0).sum() == dropped and few.sum() == pytest.approx(
            np.sort(ENTROPY[:clips])[: clips - dropped].sum()
        )


def test_costs_hand_on_what_is_noisy_where_it_is_needed():
    noisy = np.linspace(0, 1, 64, dtype=np.float32)
    with_noisy = np.concatenate([HARD, noisy[:, None]], axis=1)
    np.testing.assert_array_equal(costs(SoftBootstrapping(), with_noisy, MANY), SoftBootstrapping()(HARD, MANY, noisy))
    np.testing.assert_array_equal(costs(SummedCrossEntropy(), HARD, MANY), ENTROPY)


@pytest.mark.parametrize("make", [
    lambda: Lsep(share=1.5), lambda: SigmoidFocal(gamma=-1), lambda: SummedLq(q=0), lambda: SoftBootstrapping(beta=2),
    lambda: MaskedCrossEntropy(share=1), lambda: Trimmed(SummedCrossEntropy, share=-0.1),
])  # fmt: skip
def test_values_that_make_no_sense_are_refused(make):
    with pytest.raises(UserError, match=r"(share|gamma|q|beta) is "):
        make()


def test_clips_that_judge_are_all_judged():
    for loss in (Trimmed(SummedCrossEntropy), Trimmed(SoftBootstrapping), MaskedCrossEntropy(share=0.5)):
        np.testing.assert_allclose(of_curated(loss)(HARD, MANY), ENTROPY, rtol=1e-6)


def test_what_compares_the_clips_of_a_batch_is_found_within_others_and_has_no_place_among_sources():
    assert of_whole_batch(Trimmed(BySource)) and of_whole_batch(MaskedCrossEntropy) and not of_whole_batch(BySource)
    for source in ("curated", "noisy", "best"):
        with pytest.raises(UserError, match="BySource: Trimmed compares all clips of a batch"):
            BySource(**{source: Trimmed(SummedCrossEntropy)})


def test_clips_that_judge_are_none_of_them_noisy():
    np.testing.assert_allclose(of_curated(SoftBootstrapping())(HARD, MANY), ENTROPY, rtol=1e-6)
    assert of_curated(ENTROPY_LOSS) is ENTROPY_LOSS

    def own(labels, logits, noisy, best):
        return ENTROPY_LOSS(labels, logits) * (1 + noisy + best)

    own.needs_noisy = own.needs_best = True
    np.testing.assert_allclose(of_curated(own)(HARD, MANY), ENTROPY, rtol=1e-6)


def test_each_source_has_its_loss_and_noisy_clips_their_weight():
    noisy = np.linspace(0, 1, 64, dtype=np.float32)
    found = np.asarray(BySource(noisy=SummedLq, weight=0.5)(HARD, MANY, noisy))
    np.testing.assert_allclose(
        found, (1 - noisy) * ENTROPY + 0.5 * noisy * np.asarray(SummedLq()(HARD, MANY)), rtol=1e-5
    )
    nested = BySource(noisy=SoftBootstrapping(beta=0.5))
    np.testing.assert_allclose(nested(HARD, MANY, noisy)[-1], SoftBootstrapping(0.5)(HARD, MANY, noisy)[-1], rtol=1e-5)
    np.testing.assert_allclose(of_curated(BySource())(HARD, MANY), ENTROPY, rtol=1e-5)
    best, three = (
        noisy * np.tile([0, 1], 32).astype(np.float32),
        BySource(best=SigmoidFocal, noisy=SummedLq, best_weight=2),
    )
    focal, lq = np.asarray(SigmoidFocal()(HARD, MANY)), np.asarray(SummedLq()(HARD, MANY))
    expected = (1 - noisy) * ENTROPY + (noisy - best) * lq + 2 * best * focal
    np.testing.assert_allclose(three(HARD, MANY, noisy, best), expected, rtol=1e-5)
    weighted = BySource(noisy=SummedLq, best_weight=2)
    assert needs_best(weighted)
    np.testing.assert_allclose(
        weighted(HARD, MANY, noisy, best), (1 - noisy) * ENTROPY + (noisy + best) * lq, rtol=1e-5
    )
    assert needs_best(Trimmed(three)) and not needs_best(Trimmed(BySource()))
    marked = np.column_stack([HARD, noisy, best])
    np.testing.assert_allclose(costs(Trimmed(three, share=0.0), marked, MANY), expected, rtol=1e-5)
    with pytest.raises(UserError, match=r"BySource.weight is 0 or more, not -1"):
        BySource(weight=-1)
    with pytest.raises(UserError, match="BySource within BySource: give the outer one"):
        BySource(noisy=BySource(best_weight=2.0))
