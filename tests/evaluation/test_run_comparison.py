"""Two runs: what differs, and the paired gain by the labels of both, over one seed or several."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_runs import make_judged_run
from sklearn.metrics import label_ranking_average_precision_score

from fat_tf.errors import UserError
from fat_tf.evaluation.run_comparison import pairings, seed_pairs
from fat_tf.runs.manifest import read_manifest, sha256, write_manifest
from fat_tf.runs.score_table import read_scores

CLASSES = ("Bark", "Rain", "Siren")
GIVEN = {f"{i}.wav": CLASSES[i % 3] + f",{CLASSES[(i + 1) % 3]}" * (i % 5 == 0) for i in range(60)}
CORRECTED = GIVEN | {f"{i}.wav": CLASSES[(i + 1) % 3] for i in range(1, 5)}
RECIPE = {"class": "Recipe", "stages": [{"class": "Stage", "name": "fit", "data": "curated", "steps": 600}], "seed": 1}


@pytest.fixture
def folder(tmp_path):
    """Two strategies with two seeds each, the second one better; every fifth clip has two labels."""
    for seed, (name, signal) in enumerate((("a", 0.5), ("b", 1.5), ("a_7", 0.5), ("b_7", 1.5))):
        labels = {"curated": GIVEN, "test": {f"t{i}.wav": CLASSES[i % 3] for i in range(9)}}
        make_judged_run(tmp_path / "runs" / name, labels, signal, seed, RECIPE)
    return tmp_path / "runs"


def lwlrap(run, labels):
    """By scikit-learn."""
    table = read_scores(run / "oof_scores.csv")
    truth = np.array([[name in labels[fname].split(",") for name in table.vocabulary] for fname in table.fnames])
    return label_ranking_average_precision_score(truth, table.scores, sample_weight=truth.sum(axis=1))


def test_gain_is_that_of_the_same_clips_out_of_fold_and_on_test(folder):
    out_of_fold, test = pairings([(folder / "a", folder / "b")])
    overall, one, more = out_of_fold.gains
    assert (overall.first, overall.second) == pytest.approx((lwlrap(folder / "a", GIVEN), lwlrap(folder / "b", GIVEN)))
    assert overall.gain == pytest.approx(overall.second - overall.first)
    assert overall.ci95[0] < overall.gain < overall.ci95[1]
    assert (overall.clips, one.clips, more.clips) == (60, 48, 12)
    assert (out_of_fold.labels, out_of_fold.changed, out_of_fold.left_out) == ("", 0, 0)
    assert test.gains[0].clips == 9 and len(test.gains) == 1  # all have one label
    gains = [of_class.gain for of_class in out_of_fold.per_class]
    assert gains == sorted(gains, reverse=True) and {of_class.what for of_class in out_of_fold.per_class} == {*CLASSES}


def test_corrected_labels_are_judged_as_given_and_as_corrected(folder):
    make_judged_run(folder / "new", {"curated": {n: CORRECTED[n] for n in list(CORRECTED)[1:]}}, 1.5, 9, RECIPE)
    given, corrected = pairings([(folder / "a", folder / "new")])
    assert (given.labels, corrected.labels, given.changed, given.left_out) == ("A", "B", 4, 1)
    table = read_scores(folder / "new" / "oof_scores.csv")
    assert given.gains[0].clips == corrected.gains[0].clips == len(table.fnames) == 59
    assert corrected.gains[0].second == pytest.approx(lwlrap(folder / "new", CORRECTED))
    assert given.gains[0].second == pytest.approx(lwlrap(folder / "new", GIVEN))


def test_gain_over_seeds_is_the_mean_of_the_gains(folder, capsys, monkeypatch):
    pairs = seed_pairs(folder / "a", folder / "b")
    assert [(a.name, b.name) for a, b in pairs] == [("a", "b"), ("a_7", "b_7")]
    alone = [pairings([pair])[0].gains[0].gain for pair in pairs]
    assert pairings(pairs)[0].gains[0].gain == pytest.approx(np.mean(alone))
    for first, second in (("a_7", "b_7"), ("a", "b_7"), ("a_7", "b")):  # each may be named with a seed
        assert seed_pairs(folder / first, folder / second) == pairs
    with pytest.raises(UserError, match=r"Both are runs of .*/a with another seed"):
        seed_pairs(folder / "a_7", folder / "a_8")
    (folder / "b_7").rename(folder / "exp_8")
    assert seed_pairs(folder / "a", folder / "exp_8") == [(folder / "a", folder / "exp_8")]  # a name, and no seed
    assert "left out: a_7\n" in capsys.readouterr().err
    (folder / "exp_8").rename(folder / "b_7")
    with monkeypatch.context() as there:
        there.chdir(folder / "a_7")
        assert [(a.name, b.name) for a, b in seed_pairs(Path("."), Path("../b"))] == [("a", "b"), ("a_7", "b_7")]
    assert capsys.readouterr().err == ""
    (folder / "b" / "oof_scores.csv").unlink()
    assert len(seed_pairs(folder / "a_7", folder / "b_7")) == 1
    assert "Without a partner of its seed, and left out: a\n" in capsys.readouterr().err
    (folder / "b_7" / "oof_scores.csv").unlink()
    with pytest.raises(UserError, match="have no seed in common"):
        seed_pairs(folder / "a_7", folder / "b")


def test_the_command_says_what_differs_and_which_is_better(call, folder):
    other = RECIPE | {"seed": 2, "stages": [RECIPE["stages"][0] | {"steps": 300}, RECIPE["stages"][0] | {"name": "x"}]}
    write_manifest(folder / "b", replace(read_manifest(folder / "b"), recipe=other, data_dir="/dogs"))
    (folder / "b" / "environment.json").write_text(json.dumps({"packages": {"keras": "4"}, "command": ["x"]}))
    done = call("compare", folder / "a", folder / "b", "--seeds")
    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert "Recipe      Recipe.stages: (fit) → (fit, x)\n            Recipe.seed: 1 → 2\n" in said
    assert "Stage.steps of stage fit: 600 → 300" in said and "keras: None → 4" in said and "x →" not in said
    assert "Data        folder: built-in set → /dogs" in said and "--folds_from" not in said
    assert (
        "[95 % interval over clips and seeds], mean of 2 seeds" in said
        and "Out of fold: B is better than A by 0." in said
    )
    assert max(map(len, said.splitlines())) <= 100
    assert call("runs", folder / "a", folder / "b", "--seeds").stdout == said


def test_other_folds_are_said_with_the_remedy(call, folder):
    folds = (folder / "b" / "folds.csv").read_text().replace("\n7.wav,0", "\n7.wav,1")
    (folder / "b" / "folds.csv").write_text(folds)
    manifest = read_manifest(folder / "b")
    files = {**manifest.files, "folds.csv": sha256(folds)}
    write_manifest(folder / "b", replace(manifest, files=files))
    said = " ".join(call("runs", folder / "a", folder / "b").stdout.split())
    assert "Folds 1 of 60 clips are in another fold: 7.wav 0 → 1" in said and f"--folds_from={folder / 'a'}" in said


def test_what_cannot_be_compared_is_one_line(call, folder, tmp_path):
    def says(*arguments):
        done = call("runs", *arguments)
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
        return done.stderr

    assert "named twice" in says(folder / "a", folder / "a")
    assert "named twice" in says(folder / "a", f"{folder}/b/../a")
    assert "--seeds compares two runs: name both" in says(folder / "a", "--seeds")
    make_judged_run(folder / "cats", {"curated": {"c.wav": "Cat", "d.wav": "Dog"}})
    assert "have different classes" in says(folder / "a", folder / "cats")
    make_judged_run(folder / "others", {"curated": {f"o{i}.wav": CLASSES[i % 3] for i in range(6)}})
    assert "have no clip in common" in says(folder / "a", folder / "others")
    (folder / "b" / "oof_scores.csv").write_text("fname,Bark,Rain,Siren\n0.wav,nan,1,1\n")
    assert "no finite numbers" in says(folder / "a", folder / "b")
    (folder / "b" / "oof_scores.csv").unlink()
    done = call("runs", folder / "a", folder / "b")
    assert done.returncode == 2 and "finish that run first" in done.stderr and "differs" in done.stdout
    (folder / "b" / "manifest.json").unlink()
    assert "did not note its recipe and data" in says(folder / "a", folder / "b")
