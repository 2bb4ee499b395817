"""Rules of blending against SciPy and scikit-learn, and what they promise; the right clips are judged."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import gmean, rankdata
from sklearn.preprocessing import MinMaxScaler

from fat_tf.blending.blend import blend_files
from fat_tf.blending.cross_validation import CrossValidation
from fat_tf.blending.inputs import BlendInputs, read_members
from fat_tf.blending.rules import RULES, Known, geometric_mean, minmax_mean, rank_mean
from fat_tf.blending.weights import Greedy
from fat_tf.errors import UserError
from fat_tf.metrics import overall_lwlrap, paired_difference
from fat_tf.runs.score_table import ScoreTable, read_scores, write_scores

SCORES = st.integers(0, 8).map(lambda n: n / 8)  # few values: ties
MEMBERS = arrays(float, st.tuples(st.integers(2, 4), st.integers(1, 6), st.integers(1, 4)), elements=SCORES)


def _members(seed: int, members: int = 3, clips: int = 40, classes: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).random((members, clips, classes))


def test_geometric_mean_equals_scipys():
    members, weights = _members(0), np.array([0.5, 0.3, 0.2])
    np.testing.assert_allclose(geometric_mean(members, weights), gmean(members, axis=0, weights=weights[:, None, None]))


def test_geometric_mean_keeps_the_order_below_a_zero():
    low, high = geometric_mean(np.array([[[0.0, 0.0]], [[1e-9, 0.9]]]), np.array([0.5, 0.5]))[0]
    assert 0 < low < high < 1e-100


def test_rank_mean_equals_scipys_ranks_class_by_class():
    members = np.round(_members(1), 1)
    expected = np.zeros(members.shape[1:])
    for scores in members:
        for k in range(scores.shape[1]):
            expected[:, k] += rankdata(scores[:, k]) / len(scores) / len(members)
    np.testing.assert_allclose(rank_mean(members, np.full(3, 1 / 3)), expected)


def test_minmax_mean_equals_scikit_learns_scaler():
    members = _members(2) * 7 - 3
    members[0, :, 1] = 0.4  # a constant class gives 0
    expected = np.mean([MinMaxScaler().fit_transform(scores) for scores in members], axis=0)
    np.testing.assert_allclose(minmax_mean(members, np.full(3, 1 / 3)), expected, atol=1e-12)


def _calibrated_members(seed: int, clips: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities by Bayes' rule of three members that share nine tenths of their evidence, and the truth.

    Evidence of a class is normal, with a mean of 0.2 to 3 standard deviations where the class is heard.
    """
    rng = np.random.default_rng(seed)
    truth, strength = rng.random((clips, 12)) < 0.1, np.linspace(0.2, 3, 12)
    noise = np.sqrt(0.9) * rng.standard_normal(truth.shape) + np.sqrt(0.1) * rng.standard_normal((3, *truth.shape))
    log_odds = strength * (truth * strength + noise) - strength**2 / 2 + np.log(0.1 / 0.9)
    return truth, 1 / (1 + np.exp(-log_odds))


def test_one_scale_for_all_classes_loses_to_the_mean_of_probabilities_as_it_does_on_real_scores():
    for seed in range(4):
        truth, members = _calibrated_members(seed)
        blends = {name: Known(RULES[name]).fit(members)(members) for name in ("mean", "gmean", "rank", "minmax")}
        worth = {name: overall_lwlrap(truth, blend) for name, blend in blends.items()}
        each = [overall_lwlrap(truth, scores) for scores in members]
        assert min(worth["mean"], worth["gmean"]) > max(each) and max(worth["rank"], worth["minmax"]) < min(each)
        assert paired_difference(truth, blends["mean"], blends["minmax"])[1][0] > 0


def test_one_scale_is_for_members_in_different_units():
    truth, members = _calibrated_members(0)
    members[0] = 1e6 * np.random.default_rng(1).standard_normal(truth.shape)  # knows nothing, in other units
    mean, rank, minmax = (
        overall_lwlrap(truth, Known(RULES[n]).fit(members)(members)) for n in ("mean", "rank", "minmax")
    )
    assert min(rank, minmax) > mean + 0.1


@given(MEMBERS, st.sampled_from(["mean", "gmean", "rank", "minmax"]), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_orders_of_members_clips_and_classes_change_nothing(members, name, random):
    orders = [random.sample(range(size), size) for size in members.shape]
    method = Known(RULES[name])
    shuffled = members[np.ix_(*orders)]
    blend = method.fit(members)(members)
    np.testing.assert_allclose(method.fit(shuffled)(shuffled), blend[np.ix_(*orders[1:])], rtol=1e-9, atol=1e-300)


@given(MEMBERS, st.sampled_from(["mean", "gmean", "weighted"]))
@settings(max_examples=60)
def test_blend_of_one_member_repeated_is_that_member(members, name):
    repeated = np.repeat(members[:1], len(members), axis=0)
    method = Known(RULES[name], range(1, len(members) + 1) if name == "weighted" else None)
    np.testing.assert_allclose(method.fit(repeated)(repeated), members[0], rtol=1e-9, atol=1e-300)


@given(MEMBERS)
@settings(max_examples=60)
def test_ranks_and_rescaled_scores_keep_their_range(members):
    ranks, rescaled = Known(rank_mean).fit(members)(members), Known(minmax_mean).fit(members)(members)
    assert ranks.min() > 0 and ranks.max() <= 1 + 1e-12
    assert rescaled.min() >= 0 and rescaled.max() <= 1 + 1e-12


def test_weights_are_scaled_to_the_sum_1():
    members = _members(3, members=2)
    blend = Known(RULES["weighted"], [6, 2]).fit(members)
    np.testing.assert_allclose(blend.weights, [0.75, 0.25])
    np.testing.assert_allclose(blend(members), 0.75 * members[0] + 0.25 * members[1])
    np.testing.assert_allclose(Known(RULES["weighted"], [1e308, 1e308]).fit(members).weights, [0.5, 0.5])


@pytest.mark.parametrize("weights, says", [
    ([1.0], "1 values for 3 members"),
    ([1.0, -1.0, 1.0], "must be 0 or more"),
    ([0.0, 0.0, 0.0], "not all of them 0"),
    ([1.0, float("nan"), 1.0], "they are 1.0, nan, 1.0"),
    ([1.0, float("inf"), 1.0], "they are 1.0, inf, 1.0"),
])  # fmt: skip
def test_what_is_wrong_with_weights_is_said(weights, says):
    with pytest.raises(UserError, match=says):
        Known(RULES["weighted"], weights).fit(_members(4))


def test_geometric_mean_of_negative_scores_is_refused():
    members = _members(5)
    members[1, 4, 2] = -0.5
    with pytest.raises(UserError, match=r"gmean needs scores of 0 or more, and file 2 has -0\.5"):
        geometric_mean(members, np.full(3, 1 / 3))


CLASSES = tuple("abcde")


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Two runs r1, r2 of 30 clips out of fold and 20 test clips, with train.csv and test.csv; one class order each."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(6)
    for part, file, clips in (("train", "oof_scores.csv", 30), ("test", "test_scores.csv", 20)):
        fnames = tuple(f"{part}{i}.wav" for i in range(clips))
        labels = rng.integers(0, 5, clips)
        lines = [f"{fname},{CLASSES[k]}" for fname, k in zip(fnames, labels, strict=True)]
        (tmp_path / f"{part}.csv").write_text("\n".join(["fname,labels", *lines]) + "\n")
        for run in ("r1", "r2"):
            (tmp_path / run).mkdir(exist_ok=True)
            table = ScoreTable(run, fnames, CLASSES, 0.2 * np.eye(5)[labels] + rng.random((clips, 5)))
            order = CLASSES if (run, part) == ("r1", "test") else CLASSES[::-1]
            write_scores(tmp_path / run / file, table.ordered(fnames[::-1] if run == "r2" else fnames, order))
    return tmp_path


def _truth(file: str) -> np.ndarray:
    labels = [line.split(",")[1] for line in Path(file).read_text().splitlines()[1:]]
    return np.array(labels)[:, None] == np.array(CLASSES)


def _lwlrap(file: str, truth: str) -> float:
    table = read_scores(file)
    return overall_lwlrap(_truth(truth), table.ordered(sorted(table.fnames, key=_number), CLASSES).scores)


def _number(fname: str) -> int:
    return int("".join(filter(str.isdigit, fname)))


def test_runs_are_judged_on_the_clips_that_the_truth_labels(runs):
    for truth, of_run, clips in (("train.csv", "oof", "30 out-of-fold"), ("test.csv", "test", "20 blended")):
        table, text = blend_files(BlendInputs(["r1", "r2"], truth=truth), "blend.csv")
        assert f"On {clips} clips with the labels of {truth}; [" in text
        for number, run in enumerate(("r1", "r2"), start=1):
            assert f"{number}     {run}  {_lwlrap(f'{run}/{of_run}_scores.csv', truth):.3f}" in text
        assert table.fnames == read_scores("r1/test_scores.csv").fnames and table.vocabulary == CLASSES


def test_judged_blend_and_gain_are_those_of_its_scores(runs):
    files = ["r1/test_scores.csv", "r2/test_scores.csv"]
    table, text = blend_files(BlendInputs(files, truth="test.csv"), "blend.csv", "weighted", [3, 1])
    members = read_members(files).scores
    truth = _truth("test.csv")
    np.testing.assert_allclose(table.scores, 0.75 * members[0] + 0.25 * members[1])
    best = max(members, key=lambda scores: overall_lwlrap(truth, scores))
    assert f"Blend: lwlrap {overall_lwlrap(truth, table.scores):.3f} [" in text
    assert f": {paired_difference(truth, table.scores, best)[0]:.3f} [" in text


def test_fitted_weights_come_from_the_out_of_fold_scores_and_go_to_the_test_scores(runs):
    perfect = ScoreTable("p", tuple(f"train{i}.wav" for i in range(30)), CLASSES, _truth("train.csv").astype(float))
    write_scores("perfect.csv", perfect)
    sources = BlendInputs(["r1", "r2"], ["perfect.csv", "r2"], "train.csv")
    table, text = blend_files(sources, "blend.csv", "greedy")
    np.testing.assert_array_equal(table.scores, read_scores("r1/test_scores.csv").scores)
    assert "perfect.csv" in text and "Cross-validated, not fitted" in text and "lwlrap 1.000 [1.000, 1.000]" in text


def test_fitted_blend_is_judged_by_cross_validation(runs):
    _, text = blend_files(BlendInputs(["r1", "r2"], truth="train.csv"), "blend.csv", "greedy")
    members, truth = read_members([runs / "r1/oof_scores.csv", runs / "r2/oof_scores.csv"]), _truth("train.csv")
    order = np.argsort([_number(fname) for fname in members.fnames])
    scores, truth = members.scores, truth[np.argsort(order)][:, [CLASSES.index(name) for name in members.vocabulary]]
    held_out, fitted = CrossValidation().scores(Greedy(), scores, truth), Greedy().fit(scores, truth)(scores)
    assert overall_lwlrap(truth, held_out) != overall_lwlrap(truth, fitted)
    assert f"Blend: lwlrap {overall_lwlrap(truth, held_out):.3f} [" in text
    gain = paired_difference(truth, held_out, scores.mean(axis=0))[0]
    assert f"Gain over the plain mean: {gain:.3f} [" in text
    assert f"Fitted, which flatters: lwlrap {overall_lwlrap(truth, fitted):.3f} on" in text


def test_further_clips_of_the_truth_are_counted(runs):
    (runs / "all.csv").write_text((runs / "train.csv").read_text() + "more.wav,a\n")
    _, text = blend_files(BlendInputs(["r1", "r2"], truth="all.csv"), "blend.csv", "greedy")
    assert "30 out-of-fold clips with the labels of all.csv (1 more there have no scores)" in text


def test_many_members_show_their_highest_correlation_alone(runs):
    files = [f"m{i}.csv" for i in range(7)]
    scores = _members(7, 6, 20)
    for file, of_member in zip(files, [*scores, scores[2]], strict=True):
        write_scores(file, ScoreTable(file, tuple(f"{i}.wav" for i in range(20)), CLASSES, of_member))
    lines = blend_files(BlendInputs(files), "blend.csv")[1].splitlines()
    assert lines[0].split() == ["member", "weight", "mean", "correlation", "highest", "one"]
    assert lines[3].endswith("1.000 with 7") and lines[7].endswith("1.000 with 3")
    others = np.corrcoef([*scores.reshape(6, -1), scores[2].ravel()])[0, 1:]
    assert lines[1].split()[3] == f"{others.mean():.3f}"


@pytest.mark.parametrize("scale, method, weights, warned", [
    (lambda scores: 5 * scores, "mean", None, True),
    (lambda scores: scores - 0.5, "weighted", [1, 2], True),
    (lambda scores: 5 * scores, "rank", None, False),
    (lambda scores: scores * (1 + 1e-9), "mean", None, False),
])  # fmt: skip
def test_a_mean_of_probabilities_and_other_scores_is_warned_of(tmp_path, capsys, scale, method, weights, warned):
    files = [str(tmp_path / name) for name in ("a.csv", "b.csv")]
    first, second = _members(3, 2, 20)
    first[0, 0] = second[0, 0] = 1.0
    for file, scores in zip(files, (first, scale(second)), strict=True):
        write_scores(file, ScoreTable(file, tuple(f"{i}.wav" for i in range(20)), CLASSES, scores))
    blend_files(BlendInputs(files), "c.csv", method, weights)
    said = capsys.readouterr().err
    assert (f"Warning: scores below 0 or above 1, and none in the other files: {files[1]}." in said) is warned


@pytest.mark.parametrize("places, oof, message", [
    (["r1", "r2", "r1"], [], "r1 is named twice. Name each member once"),
    (["r1", "r1/test_scores.csv"], [], "r1, r1/test_scores.csv: the same scores twice"),
    (["r1", "r2"], ["r1", "r1/oof_scores.csv"], "r1, r1/oof_scores.csv: the same scores twice"),
])  # fmt: skip
def test_a_member_is_there_once(runs, places, oof, message):
    with pytest.raises(UserError, match=message):
        blend_files(BlendInputs(places, oof, "train.csv"), "blend.csv", "greedy")
