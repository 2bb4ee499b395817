"""Which fold of a run is used by itself, and which runs can be put side by side."""

import json
from pathlib import Path

import numpy as np
import pytest
from fake_runs import make_judged_run

from fat_tf.errors import UserError
from fat_tf.evaluation.candidates import find_candidates
from fat_tf.runs.fold_scores import FoldScores, NamedScores, save_fold_scores

LABELS = {
    "curated": {"a.wav": "Bark", "b.wav": "Rain", "c.wav": "Bark,Rain", "d.wav": "Rain"},
    "test": {"x.wav": "Rain", "y.wav": "Bark", "z.wav": ""},
}
WITHOUT_TEST = {"curated": LABELS["curated"]}
RECIPE = {"windows": 4, "precision": "float32"}


def scores_of(fold: int, names: list[str]) -> NamedScores:
    return NamedScores(np.array(names), np.random.default_rng(fold).random((len(names), 2)))


@pytest.fixture
def run(tmp_path):
    """Makes a finished run; arguments: its name, its labels, lwlrap of its folds by their number."""

    def make(name: str, labels: dict = LABELS, folds: dict[int, float] | None = None) -> Path:
        folder, folds = tmp_path / name, folds or {0: 0.6, 1: 0.7}
        make_judged_run(folder, labels, recipe=RECIPE)
        metrics = json.loads((folder / "metrics.json").read_text()) | {"folds": list(folds.values())}
        (folder / "metrics.json").write_text(json.dumps(metrics))
        (folder / "fold_0" / "model.keras").unlink()
        (folder / "fold_0" / "scores.npz").unlink()
        for fold in folds:
            (folder / f"fold_{fold}").mkdir(exist_ok=True)
            (folder / f"fold_{fold}" / "model.keras").touch()
            held_out = list(labels["curated"])[fold::2]
            parts = (scores_of(fold, held_out), scores_of(fold, list(labels.get("test", ()))))
            save_fold_scores(folder / f"fold_{fold}", FoldScores(*parts, 0, ("fit",)))
        return folder

    return make


def test_the_best_fold_of_each_is_judged_by_the_test_clips(run):
    judged = find_candidates([run("a"), run("b", folds={0: 0.9, 2: 0.2}), run("more/a", folds={2: 0.1, 4: 0.2})])
    assert [candidate.fold for candidate in judged.folds] == [1, 0, 4]
    assert judged.judged_by == "3 test clips" and judged.vocabulary == ("Bark", "Rain")
    np.testing.assert_array_equal(judged.truth.targets, [[False, True], [True, False], [False, False]])
    for candidate in judged.folds:
        np.testing.assert_array_equal(candidate.scores, scores_of(candidate.fold, list(LABELS["test"])).scores)
        assert (candidate.windows, candidate.precision) == (4, "float32")
    assert [candidate.name for candidate in judged.folds] == [str(candidate.run) for candidate in judged.folds]
    assert [candidate.name for candidate in find_candidates([run("c"), run("d")]).folds] == ["c", "d"]


def test_without_labelled_test_clips_one_fold_of_all_is_judged(run):
    judged = find_candidates([run("a", WITHOUT_TEST), run("b", WITHOUT_TEST, {0: 0.9, 1: 0.2})])
    assert [candidate.fold for candidate in judged.folds] == [1, 1]
    assert judged.judged_by == "2 clips out of fold 1" and judged.truth.fnames == ("b.wav", "d.wav")
    with pytest.raises(UserError, match=r"c has no fold 1, whose clips judge the runs, but 0: train it with --folds=1"):
        find_candidates([run("d", WITHOUT_TEST), run("c", WITHOUT_TEST, {0: 0.9})])


def changed(**clips: str) -> dict:
    return LABELS | {"test": LABELS["test"] | {f"{name}.wav": labels for name, labels in clips.items()}}


@pytest.mark.parametrize("labels, message", [
    (changed(x="Bark"), "b has other labels than .*a for x.wav; only runs on one data set"),
    (changed(other="Bark"), "a, fold 1, and .*b, fold 1, have different clips: .*b, fold 1, alone has other.wav"),
    ({part: {name: cell.replace("Rain", "Car") for name, cell in of.items()} for part, of in LABELS.items()},
     "different classes: .*a, fold 1, alone has Rain; .*b, fold 1, alone has Car; only runs on one data set"),
])  # fmt: skip
def test_runs_on_other_data_are_refused(run, labels, message):
    with pytest.raises(UserError, match=message):
        find_candidates([run("a"), run("b", labels)])


def test_runs_that_are_not_done_or_named_twice_are_refused(run, tmp_path):
    done = run("a")
    with pytest.raises(UserError, match="named twice"):
        find_candidates([done, tmp_path / "b" / ".." / "a"])
    with pytest.raises(UserError, match="nowhere is no run"):
        find_candidates([done, tmp_path / "nowhere"])
    (done / "fold_3").mkdir()
    (done / "fold_3" / "model.keras").touch()
    with pytest.raises(UserError, match="a is not finished: repeat the command that trained it, with the same"):
        find_candidates([done])
