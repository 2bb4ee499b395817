"""NoisySelection: ranking, count, cap, criteria."""

import numpy as np
import pandas as pd
import pytest

from fat_tf import config, training
from fat_tf.errors import UserError
from fat_tf.training.losses import cross_entropy_of_scores
from fat_tf.training.noisy_selection import NoisySelection

CLASSES = 4


def case(clips: int = 60, models: int = 3, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    targets = np.eye(CLASSES)[np.arange(clips) % CLASSES]
    targets[::7, 0] = 1  # some clips have two labels
    scores = rng.random((models, clips, CLASSES))
    names = np.array(["a", "b", "c", "d"])
    labels = [tuple(names[row > 0]) for row in targets]
    return pd.DataFrame({"fname": [f"{i}.wav" for i in range(clips)], "labels": labels}), scores, targets


def test_clips_are_ranked_by_their_cross_entropy():
    clips, scores, targets = case()
    table = NoisySelection(count=10, cap=None).table(clips, scores, targets)
    p = scores.mean(axis=0)
    loss = -(targets * np.log(p) + (1 - targets) * np.log(1 - p)).sum(axis=1)
    np.testing.assert_allclose(table["loss"], loss)
    single = np.flatnonzero(targets.sum(axis=1) == 1)
    best = single[np.argsort(loss[single])][:10]
    assert set(np.flatnonzero(table["chosen"])) == set(best)
    assert (table["rank"].iloc[best].to_numpy() == np.arange(1, 11)).all()
    assert (table.loc[targets.sum(axis=1) > 1, "rank"] == 0).all()


def test_several_labels_may_be_ranked_too():
    clips, scores, targets = case()
    table = NoisySelection(count=1000, cap=None, single_label=False).table(clips, scores, targets)
    assert table["chosen"].all() and sorted(table["rank"]) == list(range(1, 61))


@pytest.mark.parametrize("count, cap, number, most", [(20, 3, 20, 3), (0.5, 0.2, 30, None), (20, None, 20, 99)])
def test_the_cap_is_taken_after_the_count(count, cap, number, most):
    clips, scores, targets = case()
    selection = NoisySelection(count=count, cap=cap)
    uncapped = NoisySelection(count=count, cap=None).table(clips, scores, targets)
    table = selection.table(clips, scores, targets)
    assert uncapped["chosen"].sum() == number
    assert set(np.flatnonzero(table["chosen"])) <= set(np.flatnonzero(uncapped["chosen"]))
    caps = np.full(CLASSES, most) if most else np.round(0.2 * targets.sum(axis=0))
    of_class = targets[table["chosen"].to_numpy()].sum(axis=0)
    assert (of_class <= caps).all()
    assert (of_class == np.minimum(caps, targets[uncapped["chosen"].to_numpy()].sum(axis=0))).all()


def test_a_class_of_two_clips_keeps_one_of_them():
    targets = np.eye(2)[[0, 0, 1, 1, 1, 1, 1, 1]]
    clips = pd.DataFrame({"fname": list("abcdefgh"), "labels": [("x",)] * 8})
    table = NoisySelection(count=8, cap=1 / 6).table(clips, np.full((1, 8, 2), 0.5), targets)
    assert table["chosen"].tolist() == [True, False, True] + [False] * 5


def test_other_criteria_rank_by_what_they_say():
    targets = np.eye(2)[[0, 0, 0]]
    clips = pd.DataFrame({"fname": list("xyz"), "labels": [("a",)] * 3})
    # x: low loss, but its label is second; y: first in every fold; z: first in the mean and in one fold of two
    scores = np.array([[[0.6, 0.61], [0.5, 0.4], [0.9, 0.1]], [[0.6, 0.61], [0.5, 0.4], [0.4, 0.5]]])
    ranks = {
        criterion: NoisySelection(count=3, cap=None, criterion=criterion).table(clips, scores, targets)["rank"].tolist()
        for criterion in ("lwlrap", "agreement", "both")
    }
    assert ranks["lwlrap"] == [3, 2, 1] and ranks["agreement"] == [3, 1, 2] and ranks["both"] == [3, 1, 2]


def test_certain_scores_stay_finite():
    assert np.isfinite(cross_entropy_of_scores(np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]]))).all()


@pytest.mark.parametrize("arguments", [
    {"count": 0}, {"cap": 0}, {"count": -0.5}, {"criterion": "x"}, {"scope": "x"}, {"count": 1.0}, {"cap": 1.0},
    {"count": 20.5},
])  # fmt: skip
def test_what_chooses_nothing_is_refused(arguments):
    with pytest.raises(UserError, match="NoisySelection"):
        NoisySelection(**arguments)


def test_a_finished_run_chooses(done, synthetic, cache_dir, tmp_path):
    config.load([str(done / "config.gin")], ["NoisySelection.count=0.5", "NoisySelection.cap=None"])
    recipe, selection = config.make("Recipe"), config.make("NoisySelection")
    places = (done, tmp_path / "best.csv", synthetic, cache_dir)
    said = training.select_noisy(recipe, selection, *places)
    table, noisy = pd.read_csv(tmp_path / "best.csv"), pd.read_csv(synthetic / "train_noisy.csv")
    assert list(table.columns) == ["fname", "labels", "loss", "rank", "chosen"]
    assert list(table["fname"]) == list(noisy["fname"]) and list(table["labels"]) == list(noisy["labels"])
    assert table["chosen"].sum() == 10 and said.startswith("10 of 20 noisy clips chosen by 2 folds")
    ranked = table[table["rank"] > 0].sort_values("rank")
    assert ranked["loss"].is_monotonic_increasing and ranked["chosen"].tolist() == [True] * 10 + [False] * (
        len(ranked) - 10
    )


def test_a_scorer_with_other_classes_or_without_folds_is_refused(run_tiny, write_clips, tmp_path):
    params = ["Recipe.stages=(@best/Stage(),)", "Recipe.selection=@NoisySelection()"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="is no run"):
        run_tiny(tmp_path / "a", *params, f"Recipe.scorer_run='{tmp_path / 'empty'}'")
    (tmp_path / "empty" / "labels.csv").write_text("index,label\n0,Dog\n1,Cat\n")
    with pytest.raises(UserError, match=r"knows other classes \(2\)"):
        run_tiny(tmp_path / "b", *params, f"Recipe.scorer_run='{tmp_path / 'empty'}'")


@pytest.mark.slow
def test_a_scorer_run_is_used_and_its_scores_kept(run_tiny, tmp_path):
    run_tiny(tmp_path / "scorer", folds=None)
    params = [
        "Recipe.stages=(@best/Stage(),)",
        "Recipe.selection=@NoisySelection()",
        f"Recipe.scorer_run='{tmp_path / 'scorer'}'",
        "NoisySelection.cap=None",
    ]
    run_tiny(tmp_path / "r", *params, folds=[0])
    assert pd.read_csv(tmp_path / "r" / "noisy.csv")["chosen"].sum() == 5  # 0.252 of 20
    assert len(list(tmp_path.glob("r/noisy_scores_*.npz"))) == 5
    assert not (tmp_path / "r" / "scorer").exists()
