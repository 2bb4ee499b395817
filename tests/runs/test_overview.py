"""A run in a line: its state, whatever happened to it, told without TensorFlow."""

import json
import shutil
from dataclasses import replace

import pytest
from fake_runs import make_judged_run

from fat_tf.errors import UserError
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.found import find_runs
from fat_tf.runs.manifest import read_manifest, write_manifest
from fat_tf.runs.overview import overview

LABELS = {"curated": {f"{i}.wav": "Bark" if i % 2 else "Rain" for i in range(12)}}
STAGE = {"class": "Stage", "name": "fit", "data": "noisy"}
RECIPE = {
    "class": "Recipe",
    "model": {"class": "m1", "parameters": 1_234_567, "layers": "x"},
    "stages": [STAGE, *({**STAGE, "name": f"refit-{n}", "data": "curated"} for n in (1, 2))],
}


@pytest.fixture
def run(tmp_path):
    make_judged_run(tmp_path / "runs" / "r", LABELS, recipe=RECIPE)
    return tmp_path / "runs" / "r"


def test_a_finished_run_says_what_it_is(run):
    said = overview(run)
    assert (said.state, said.problem, said.data) == ("finished", "", "built-in set")
    assert (said.model, said.stages, said.folds) == ("m1 1.2 M", "fit (noisy), refit×2", (1, 1))
    assert said.results.out_of_fold.lwlrap == json.loads((run / "metrics.json").read_text())["lwlrap"]
    assert (said.history.epochs, said.history.best, said.history.seconds) == (2, 0.6, 90.0)
    assert len(said.judged.out_of_fold) == 12 and not said.judged.test
    assert said.size == sum(file.stat().st_size for file in run.rglob("*") if file.is_file())


def test_a_run_that_a_process_works_on_is_running_and_looking_keeps_nobody_out(run):
    with RunDirectory(run).lock():
        assert overview(run).state == "running"
    assert overview(run).state == "finished"
    with RunDirectory(run).lock():
        pass


@pytest.mark.parametrize("do", [
    lambda run: (run / "metrics.json").unlink(),
    lambda run: (run / "fold_0" / "scores.npz").unlink(),
    lambda run: (run / "fold_1" / "state").mkdir(parents=True),
    lambda run: [shutil.rmtree(run), run.mkdir()],  # killed before it began
], ids=["metrics", "scores", "another fold", "nothing"])  # fmt: skip
def test_a_run_that_is_not_at_its_end_is_interrupted(run, do):
    do(run)
    (run / ".lock").touch()
    assert overview(run).state == "interrupted"


def metrics(text):
    return lambda run: (run / "metrics.json").write_text(text)


@pytest.mark.parametrize("do, says", [
    (metrics("{"), "metrics.json is damaged"),
    (metrics("[]"), "metrics.json is damaged"),
    (metrics('{"lwlrap": NaN, "steps": [1], "seconds": 1}'), "it has nan"),
    (lambda run: (run / "manifest.json").write_text("{}"), "manifest.json is damaged"),
    (lambda run: (run / "clips.csv").write_text("x"), "clips.csv was changed after the run was begun"),
    (lambda run: (run / "folds.csv").unlink(), "folds.csv cannot be read: No such file"),
    (lambda run: (run / "fold_0" / "history.csv").write_text("a\n1\n"), "history.csv is damaged"),
    (lambda run: (run / "fold_0" / "history.csv").write_text("a,b\r1,2\r"), "a file of it is damaged"),
    (lambda run: (run / "folds.csv").write_text("fname;fold\n0.wav;0\n"), "folds.csv was changed"),
])  # fmt: skip
def test_a_damaged_run_says_what_is_damaged(run, do, says):
    do(run)
    said = overview(run)
    assert said.state == "damaged" and says in said.problem


def test_runs_of_other_versions_are_told_apart_from_damaged_ones(run):
    manifest = json.loads((run / "manifest.json").read_text())
    (run / "manifest.json").write_text(json.dumps(manifest | {"format": 3}))
    assert overview(run).state == "other version" and "use the fat_tf that wrote it" in overview(run).problem
    (run / "manifest.json").unlink()
    assert overview(run).state == "other version" and "is of an earlier version" in overview(run).problem


def test_runs_with_other_labels_are_judged_by_others(run, tmp_path):
    for name, first in (("same", "Rain"), ("other", "Bark")):
        make_judged_run(tmp_path / name, {"curated": LABELS["curated"] | {"0.wav": first}}, seed=1)
    keys = [overview(folder).judged.key for folder in (run, tmp_path / "same", tmp_path / "other")]
    assert keys[0] == keys[1] != keys[2]


def test_runs_are_found_at_any_depth_but_not_inside_of_one(run, tmp_path):
    make_judged_run(run / "scorer", LABELS)
    make_judged_run(run.parent / "strategies" / "a", LABELS)
    (run.parent / "empty" / "er").mkdir(parents=True)
    (run.parent / ".hidden").symlink_to(run)
    (run.parent / "loop").symlink_to("loop")
    assert find_runs(run.parent) == [run, run.parent / "strategies" / "a"]
    assert find_runs(run) == [run]


def test_a_folder_without_runs_is_said(tmp_path):
    (tmp_path / "file").touch()
    wrong = {"": "is no run, and there is none below it", "file": "is a file", "x": "does not exist"}
    for place, message in wrong.items():
        with pytest.raises(UserError, match=message):
            find_runs(tmp_path / place)


def test_a_data_folder_that_is_gone_takes_nothing_away(run):
    write_manifest(run, replace(read_manifest(run), data_dir="/nowhere/dogs"))
    assert overview(run).state == "finished" and overview(run).data == "dogs"


def test_a_folder_that_cannot_be_looked_into_may_be_a_run(run, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied", str(run))

    monkeypatch.setattr("os.scandir", refuse)
    monkeypatch.setattr("os.listdir", refuse)
    assert find_runs(run.parent) == [run.parent]
    said = overview(run.parent)
    assert said.state == "damaged" and "Permission denied" in said.problem
