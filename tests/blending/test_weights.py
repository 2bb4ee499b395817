"""Fitted weights reach known best mixes, never lose to simple blends, and their cross-validated gain is honest."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fat_tf.blending.cross_validation import CrossValidation
from fat_tf.blending.decorrelation import Decorrelate, correlations
from fat_tf.blending.label_ranks import LabelRanks
from fat_tf.blending.rules import WeightedBlend, equal_weights, mean, minmax_mean
from fat_tf.blending.weights import Greedy, Optimize, climb
from fat_tf.errors import UserError
from fat_tf.metrics import overall_lwlrap

NOISE = {2: (1.0, 0.5), 3: (0.4, 0.6, 1.0), 5: (0.3, 0.5, 0.7, 0.9, 1.2)}


def _noisy_members(noise, clips: int, seed: int, classes: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """(members, truth): the truth with Gaussian noise, whose best mix has weights of 1 / noise²."""
    rng = np.random.default_rng(seed)
    truth = np.eye(classes, dtype=bool)[rng.integers(0, classes, clips)] | (rng.random((clips, classes)) < 0.02)
    return truth + np.array(noise)[:, None, None] * rng.standard_normal((len(noise), clips, classes)), truth


def _lwlrap(weights, members: np.ndarray, truth: np.ndarray) -> float:
    return overall_lwlrap(truth, mean(members, weights))


@given(
    st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(1, 5)).flatmap(
        lambda shape: st.tuples(
            arrays(float, shape, elements=st.integers(0, 3)),  # few values: ties, whose sums are exact
            arrays(bool, shape[1:]),
            arrays(float, shape[:1], elements=st.integers(0, 3)).filter(np.any),
        )
    )
)
@settings(max_examples=100)
def test_fast_lwlrap_equals_the_metric(drawn):
    members, truth, weights = drawn
    truth[0, 0] = True
    assert LabelRanks(members, truth).lwlrap(weights) == pytest.approx(_lwlrap(weights, members, truth), abs=1e-12)


@pytest.mark.parametrize("count", NOISE)
def test_optimize_reaches_the_known_best_mix(count):
    best = 1 / np.square(NOISE[count])
    losses = []
    for seed in range(2):
        members, truth = _noisy_members(NOISE[count], 4000, seed)
        weights = Optimize().fit(members, truth).weights
        assert weights.min() >= 0 and weights.sum() == pytest.approx(1)
        assert _lwlrap(weights, members, truth) > _lwlrap(best / best.sum(), members, truth) - 0.001
        fresh = _noisy_members(NOISE[count], 5000, seed + 100)
        losses.append(_lwlrap(best, *fresh) - _lwlrap(weights, *fresh))
    assert np.mean(losses) < 0.001  # on clips that it has not seen


def test_halves_of_the_clips_make_steadier_weights():
    losses = {0: [], 5: []}
    for seed in range(6):
        fresh = _noisy_members(NOISE[5], 5000, seed + 100)
        for halvings in losses:
            method = Optimize(
                halvings, (0.5, 0.2, 0.1, 0.05, 0.02), (0.02, 0.01, 0.005) if halvings else (0.5, 0.1, 0.02)
            )
            weights = method.fit(*_noisy_members(NOISE[5], 300, seed)).weights
            losses[halvings].append(_lwlrap(1 / np.square(NOISE[5]), *fresh) - _lwlrap(weights, *fresh))
    assert np.mean(losses[5]) < np.mean(losses[0]) / 2


def test_no_step_is_left_that_would_help():
    for seed in (9, 11, 14, 17):  # where a single member ends above the climb from the halves' mean
        members, truth = _noisy_members((0.3, 0.3, 0.3), 40, seed)
        members = members + 0.8 * np.random.default_rng(seed).standard_normal(truth.shape)
        ranks, weights = LabelRanks(members, truth), Optimize().fit(members, truth).weights
        assert ranks.lwlrap(climb(ranks, weights, Optimize().fine_steps)) == ranks.lwlrap(weights)


def test_climb_takes_all_weight_from_a_member_that_only_harms():
    members, truth = _noisy_members((0.01, 100.0, 0.01), 50, seed=6)
    assert climb(LabelRanks(members, truth), np.array([0.1, 0.8, 0.1]), (0.3,))[1] == 0


@pytest.mark.parametrize("method", [Optimize(halvings=1), Optimize(halvings=0, fine_steps=(0.3,)), Greedy(rounds=1)])
@pytest.mark.parametrize("digits", [1, 9])  # of the scores: with one there are many ties
@pytest.mark.parametrize("noise, seeds", [
    ((0.5, 0.6, 0.6, 3.0), range(5)),
    ((0.6, 0.6, 0.6, 0.6), range(5)),
    ((0.5, 0.5), [263]),  # a tie that only the blend's own rounding keeps
])  # fmt: skip
def test_fitted_weights_do_not_lose_to_the_mean_nor_to_the_best_member(method, digits, noise, seeds):
    for seed in seeds:
        members, truth = _noisy_members(noise, 25, seed, classes=5)
        members = members.round(digits)
        fitted = overall_lwlrap(truth, method.fit(members, truth)(members))
        assert fitted >= _lwlrap(equal_weights(len(noise)), members, truth)
        assert fitted >= max(overall_lwlrap(truth, scores) for scores in members)


def test_greedy_takes_the_path_of_brute_force():
    members, truth = _noisy_members((0.8, 0.9, 1.0, 1.3), 150, seed=1)
    taken, path = [], []
    for _ in range(8):
        choices = [[*taken, member] for member in range(4)]
        values = [overall_lwlrap(truth, members[choice].mean(axis=0)) for choice in choices]
        taken = choices[int(np.argmax(values))]
        path.append((max(values), -len(taken), taken))
    best = max(path)[2]
    np.testing.assert_allclose(Greedy(rounds=8).fit(members, truth).weights, np.bincount(best, minlength=4) / len(best))


def test_fits_are_the_same_again():
    members, truth = _noisy_members((0.5, 0.6, 0.7), 60, seed=2)
    first, again = (Optimize(seed=5).fit(members, truth).weights for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_cross_validated_gain_on_noise_is_not_above_zero_where_the_fitted_one_is():
    held_out, fitted = [], []
    for seed in range(16):
        members, truth = _noisy_members((1.0, 1.0, 1.0, 1.0), 80, seed)  # the plain mean is the best mix
        plain = _lwlrap(equal_weights(4), members, truth)
        method = Optimize(halvings=2)
        held_out.append(overall_lwlrap(truth, CrossValidation(seed=seed).scores(method, members, truth)) - plain)
        fitted.append(overall_lwlrap(truth, method.fit(members, truth)(members)) - plain)
    assert np.mean(held_out) < 2 * np.std(held_out) / np.sqrt(16)
    assert np.mean(fitted) > 5 * np.std(fitted) / np.sqrt(16)


class _Memory:
    """A method whose blend scores 1 the clips that it was fitted to, and 0 others."""

    def fit(self, members, truth):
        known = set(members[0, :, 0])
        return lambda every: np.isin(every[0], list(known)).astype(float)


def test_no_clip_is_scored_by_a_blend_that_was_fitted_to_it():
    members = np.arange(23.0).reshape(1, 23, 1)
    truth = np.ones((23, 1), bool)
    assert _Memory().fit(members, truth)(members).min() == 1
    assert CrossValidation(parts=4).scores(_Memory(), members, truth).max() == 0


def test_groups_stay_whole_in_the_parts():
    groups = np.arange(24) // 2
    members = groups[None, :, None].astype(float)
    truth = np.ones((24, 1), bool)
    assert CrossValidation(parts=4).scores(_Memory(), members, truth).max() == 1  # the other clip of the group was seen
    assert CrossValidation(parts=4).scores(_Memory(), members, truth, groups).max() == 0
    with pytest.raises(UserError, match=r"12 groups of clips are too few .*: 13 at least, or fewer Cross"):
        CrossValidation(parts=13).scores(_Memory(), members, truth, groups)


def test_parts_of_another_seed_are_others():
    members, truth = _noisy_members((0.5, 0.6, 0.7), 60, seed=7)
    first, again, other = (CrossValidation(seed=seed).scores(Greedy(), members, truth) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_least_correlated_of_the_good_members_are_taken():
    members, truth = _noisy_members((0.3, 0.5, 0.5, 0.5, 0.5, 5.0), 300, seed=3)
    members[2] = 0.9 * members[0] + 0.1 * members[1]  # good, and nearly the best again
    each = [overall_lwlrap(truth, scores) for scores in members]
    best, correlation = int(np.argmax(each)), np.corrcoef(members.reshape(6, -1))
    blend = Decorrelate(limit=-0.2, number=3).fit(members, truth)
    taken = set(np.flatnonzero(blend.weights))
    assert best in taken and len(taken) == 3 and not {0, 2} <= taken and 5 not in taken
    second = min(set(range(5)) - {best}, key=lambda member: correlation[best, member])
    third = min(set(range(5)) - {best, second}, key=lambda member: correlation[member, [best, second]].max())
    assert taken == {best, second, third}
    weights = np.isin(range(6), list(taken)) / 3
    np.testing.assert_allclose(blend(members), np.mean(members[sorted(taken)], axis=0))
    as_written_up = Decorrelate(limit=-0.2, number=3, rule="minmax").fit(members, truth)
    np.testing.assert_allclose(as_written_up(members), minmax_mean(members, weights))


def test_correlation_with_the_nearest_of_those_taken_counts():
    noise = np.random.default_rng(8).standard_normal((4, 400, 6))
    near_one, near_both = 0.8 * noise[0] + 0.6 * noise[2], 0.6 * (noise[0] + noise[1]) + 0.5 * noise[3]
    members = np.stack([noise[0], noise[1], near_one, near_both])  # correlations 0.8, 0 and 0.6, 0.6
    truth = np.eye(6, dtype=bool)[noise[0].argmax(axis=1)]  # the first is the best
    np.testing.assert_allclose(Decorrelate(-1.0, 3).fit(members, truth).weights, np.array([1, 1, 0, 1]) / 3)


def test_limit_of_good_members_is_given_or_seen_from_the_best():
    members, truth = _noisy_members((0.3, 0.6, 1.5), 300, seed=4)
    each = [overall_lwlrap(truth, scores) for scores in members]
    np.testing.assert_allclose(Decorrelate(limit=each[1]).fit(members, truth).weights, [0.5, 0.5, 0])
    np.testing.assert_allclose(Decorrelate(limit=each[1] - each[0] - 1e-9).fit(members, truth).weights, [0.5, 0.5, 0])
    np.testing.assert_allclose(Decorrelate(limit=0).fit(members, truth).weights, [1, 0, 0])
    with pytest.raises(UserError, match=r"No member has lwlrap of Decorrelate\.limit = 1\.0: the best has"):
        Decorrelate(limit=1.0).fit(members, truth)


def test_member_without_differences_correlates_with_none():
    members = np.stack([np.eye(3), np.full((3, 3), 0.1), np.eye(3)])
    np.testing.assert_allclose(correlations(members)[0], [1, 0, 1])


@pytest.mark.parametrize("make, says", [
    (lambda: Optimize(halvings=-1), "halvings must be 0 or more"),
    (lambda: Optimize(steps=(0.5, 1.0)), "steps between 0 and 1"),
    (lambda: Optimize(fine_steps=(0.0,)), "steps between 0 and 1"),
    (lambda: Greedy(rounds=0), "Greedy.rounds is from 1 to 10000"),
    (lambda: Decorrelate(number=0), "Decorrelate.number must be 1 or more"),
    (lambda: Decorrelate(rule="median"), "Decorrelate.rule is one of mean, .*, not 'median'"),
    (lambda: CrossValidation(parts=1), "CrossValidation.parts must be 2 or more"),
    (lambda: CrossValidation(parts=5).scores(Greedy(), np.zeros((2, 9, 3)), np.ones((9, 3), bool)), "10 at least"),
])  # fmt: skip
def test_values_that_cannot_be_are_refused(make, says):
    with pytest.raises(UserError, match=says):
        make()


def test_blend_is_called_with_members():
    members, truth = _noisy_members((0.5, 0.7), 50, seed=5)
    blend = Greedy(rounds=4).fit(members, truth)
    assert isinstance(blend, WeightedBlend)
    np.testing.assert_allclose(blend(members), np.tensordot(blend.weights, members, 1))
