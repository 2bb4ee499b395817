"""lwlrap, in NumPy and streaming, against scikit-learn and a ranking written out by hand."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import label_ranking_average_precision_score

from fat_tf.metrics import (
    Bootstrap,
    Lwlrap,
    accuracy_interval,
    bootstrap_interval,
    lwlrap,
    overall_lwlrap,
    paired_difference,
)
from fat_tf.metrics.bootstrap import interval_of_ratio
from fat_tf.metrics.lwlrap import clip_precision


def random_case(seed: int, clips: int, classes: int, ties: bool = False) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = (rng.random((clips, classes)) < 0.3).astype(np.float32)
    scores = rng.standard_normal((clips, classes)).astype(np.float32)
    return truth, np.round(scores) if ties else scores


def of_sklearn(truth, scores) -> float:
    labels = truth.sum(axis=1)
    some = labels > 0
    return label_ranking_average_precision_score(truth[some], scores[some], sample_weight=labels[some])


def by_hand(truth, scores) -> tuple[np.ndarray, np.ndarray]:
    """The competition's definition, rank by rank; for scores without ties."""
    sums, counts = np.zeros(truth.shape[1]), np.zeros(truth.shape[1])
    for t, s in zip(truth, scores, strict=True):
        hits = 0
        for rank, label in enumerate(np.argsort(-s), start=1):
            if t[label]:
                hits += 1
                sums[label] += hits / rank
                counts[label] += 1
    return sums / np.maximum(counts, 1), counts / counts.sum()


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(2, 12), st.booleans())
def test_equals_scikit_learn_with_and_without_ties(seed, clips, classes, ties):
    truth, scores = random_case(seed, clips, classes, ties)
    truth[0, 0] = 1
    assert overall_lwlrap(truth, scores) == pytest.approx(of_sklearn(truth, scores), abs=1e-9)


def test_per_class_equals_the_definition():
    truth, scores = random_case(3, 200, 9)
    for ours, theirs in zip(lwlrap(truth, scores), by_hand(truth, scores), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_only_the_order_of_scores_matters():
    truth, scores = random_case(4, 50, 6)
    assert overall_lwlrap(truth, scores) == pytest.approx(overall_lwlrap(truth, np.exp(2 * scores.astype(np.float64))))


def test_clips_without_labels_and_classes_without_clips():
    truth, scores = random_case(5, 30, 6)
    truth[:, 2] = 0
    per_class, weight = lwlrap(truth, scores)
    assert per_class[2] == weight[2] == 0 and weight.sum() == pytest.approx(1)
    more = [np.vstack([a, np.zeros((9, 6), np.float32)]) for a in (truth, scores)]
    assert overall_lwlrap(*more) == pytest.approx(overall_lwlrap(truth, scores))
    assert overall_lwlrap(np.zeros((3, 4)), np.zeros((3, 4))) == 0


def test_perfect_worst_and_constant_scores():
    truth = np.eye(5)
    assert overall_lwlrap(truth, truth) == 1
    assert overall_lwlrap(truth, -truth) == pytest.approx(1 / 5)
    assert overall_lwlrap(truth, np.zeros((5, 5))) == pytest.approx(1 / 5)  # ties win nothing


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_scores_that_are_not_finite_are_refused(value):
    truth, scores = random_case(6, 4, 3)
    scores[1, 1] = value
    with pytest.raises(ValueError, match="not finite"):
        lwlrap(truth, scores)


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="clips, classes"):
        lwlrap(np.zeros((3, 4)), np.zeros((3, 5)))


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.lists(st.integers(1, 30), min_size=1, max_size=5), st.booleans())
def test_streaming_equals_numpy_for_any_batches(seed, batches, ties):
    truth, scores = random_case(seed, sum(batches), 7, ties)
    metric, start = Lwlrap(7), 0
    for size in batches:
        metric.update_state(truth[start : start + size], scores[start : start + size])
        start += size
    per_class, weight = lwlrap(truth, scores)
    assert float(metric.result()) == pytest.approx((per_class * weight).sum(), abs=1e-5)
    np.testing.assert_allclose(metric.per_class(), per_class, atol=1e-5)
    metric.reset_state()
    assert float(metric.result()) == 0


def test_streaming_metric_is_spoilt_by_a_nan():
    truth, scores = random_case(8, 4, 3)
    scores[0, 0] = np.nan
    metric = Lwlrap(3)
    with pytest.raises(ValueError, match="weighs labels, not clips"):
        metric.update_state(np.eye(3), np.eye(3), sample_weight=np.ones(3))
    metric.update_state(truth, scores)
    assert np.isnan(metric.result())


def test_streaming_metric_in_fit_and_its_config():
    assert Lwlrap.from_config(Lwlrap(4, threshold=0.2).get_config()).get_config()["threshold"] == 0.2
    truth, scores = random_case(9, 64, 4)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Activation("linear")])
    model.compile(loss="mse", metrics=[Lwlrap(4)])
    result = model.evaluate(scores, truth, batch_size=10, verbose=0, return_dict=True)
    assert result["lwlrap"] == pytest.approx(overall_lwlrap(truth, scores), abs=1e-5)


def test_saturated_probabilities_tie_and_logits_do_not():
    truth, logits = np.array([[1.0, 0.0]]), np.array([[40.0, 30.0]], np.float32)
    assert overall_lwlrap(truth, logits) == 1
    assert overall_lwlrap(truth, 1 / (1 + np.exp(-logits))) == 0.5


def test_bootstrap_interval_covers_the_truth_as_often_as_it_says():
    rng, hits = np.random.default_rng(0), 0
    truth, scores = random_case(10, 20_000, 5)
    scores += truth
    whole = overall_lwlrap(truth, scores)
    for _ in range(200):
        picks = rng.integers(0, len(truth), 150)
        low, high = interval_of_ratio(*clip_precision(truth[picks], scores[picks]), bootstrap=Bootstrap(400))
        hits += low <= whole <= high
    assert 0.89 <= hits / 200 <= 0.99


def test_paired_difference_is_tighter_than_two_intervals():
    truth, scores = random_case(11, 300, 5)
    better = scores + 0.5 * truth
    gain, (low, high) = paired_difference(truth, better, scores)
    assert gain == pytest.approx(overall_lwlrap(truth, better) - overall_lwlrap(truth, scores))
    assert 0 < low < gain < high
    wide = bootstrap_interval(truth, better)
    assert high - low < wide[1] - wide[0]


def test_accuracy_counts_top_classes_that_are_labels():
    truth = np.array([[1, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]])
    scores = np.array([[0.1, 0.9, 0.0], [0.1, 0.2, 0.3], [0.1, 0.2, 0.3], [0.3, 0.4, 0.1]])
    accuracy, (low, high) = accuracy_interval(truth, scores)
    assert accuracy == 0.75 and low < 0.75 < high


def test_a_top_class_that_ties_with_another_is_no_hit():
    """As in lwlrap, where it is not 1 either; among labels it is one."""
    truth, scores = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0]]), np.array([[5, 5, 0], [5, 5, 0], [1, 2, 1]])
    assert [accuracy_interval(truth[[i]], scores[[i]])[0] for i in range(3)] == [0, 1, 1]
    assert [overall_lwlrap(truth[[i]], scores[[i]]) for i in range(3)] == [0.5, 1, 1]
