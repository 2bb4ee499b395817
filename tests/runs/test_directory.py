"""The folder of a run: who may write to it, and that what cannot begin leaves nothing."""

from dataclasses import replace

import pandas as pd
import pytest
from fake_runs import manifest
from filelock import FileLock

from fat_tf.errors import UserError
from fat_tf.runs import directory
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.manifest import read_manifest
from fat_tf.runs.run_tables import run_tables

CLIPS = pd.DataFrame({"fname": ["a.wav", "b.wav"], "source": "curated", "labels": [("Bark",), ("Rain",)], "fold": None})
CLIPS["path"] = CLIPS["fname"]
TABLES = run_tables(("Bark", "Rain"), CLIPS, pd.Series([0, 1]))
RECIPE = {"class": "Recipe", "model": {"class": "m1"}, "stages": [], "seed": 1}
PART = {"module": "my.py", "file": "/x/my.py", "sha256": "1"}
SAID = manifest(recipe=RECIPE, own_parts=(PART,), files=TABLES.checksums)


@pytest.fixture
def trained(tmp_path) -> RunDirectory:
    """A run with a fold that has a model."""
    run = RunDirectory(tmp_path / "r")
    run.begin(SAID, TABLES, {"environment.json": "{}"})
    run.fold(0).mkdir()
    (run.fold(0) / "model.keras").touch()
    return run


def test_a_start_that_fails_leaves_no_folder(tmp_path):
    with pytest.raises(KeyboardInterrupt), RunDirectory(tmp_path / "runs" / "r").lock():
        assert (tmp_path / "runs" / "r").is_dir()
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


def test_a_folder_that_was_there_stays_with_what_it_holds(tmp_path):
    (tmp_path / "empty").mkdir()
    with RunDirectory(tmp_path / "empty").lock():
        pass
    with RunDirectory(tmp_path / "new").lock():
        (tmp_path / "new" / "a").touch()
    assert {path.name for path in tmp_path.rglob("*")} - {".lock"} == {"empty", "new", "a"}


def test_a_folder_that_another_process_works_in_is_refused(tmp_path):
    with (
        FileLock(tmp_path / ".lock"),
        pytest.raises(UserError, match="Another process works on"),
        RunDirectory(tmp_path).lock(),
    ):
        pass


def test_a_place_where_no_folder_can_be_is_said(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(UserError, match=r"Run folder .*: Not a directory"), RunDirectory(tmp_path / "a" / "r").lock():
        pass


def test_the_same_recipe_and_clips_go_on(trained):
    trained.check(RECIPE, TABLES, (PART,))
    trained.check({key: value for key, value in RECIPE.items() if key != "model"}, TABLES)


@pytest.mark.parametrize(
    "recipe, tables, parts, says",
    [
        (RECIPE | {"seed": 2}, TABLES, (), "begun with another recipe: Recipe.seed: 1 → 2. Give another --run_dir"),
        (RECIPE | {"model": {"class": "m2"}}, TABLES, (), "another recipe: Recipe.model: m1 → m2"),
        (RECIPE, TABLES, (PART | {"sha256": "2"},), "another recipe: the source of /x/my.py"),
        (
            RECIPE,
            replace(TABLES, folds=TABLES.folds.assign(fold=["1", "1"])),
            (),
            r"begun with other clips: 1 of 2 clips are in another fold: a.wav 0 → 1\. .*new --run_dir \(--folds_from=",
        ),
    ],
)
def test_what_differs_is_refused_with_the_remedy(trained, recipe, tables, parts, says):
    before = {file: file.read_bytes() for file in trained.folder.rglob("*") if file.is_file()}
    with pytest.raises(UserError, match=says) as raised:
        trained.check(recipe, tables, parts)
    assert "\n" not in raised.value.message
    assert {file: file.read_bytes() for file in trained.folder.rglob("*") if file.is_file()} == before


def test_a_folder_without_a_trained_fold_may_begin_again(trained):
    (trained.fold(0) / "model.keras").unlink()
    trained.check(RECIPE | {"seed": 2}, TABLES)


def test_a_run_of_an_earlier_version_is_refused_with_the_remedy(trained):
    (trained.folder / "manifest.json").unlink()
    with pytest.raises(UserError, match=r"earlier version, without manifest.json: predict with it, .*--folds_from="):
        trained.begun()


def test_something_else_is_refused_and_a_start_that_was_cut_is_not(tmp_path):
    (tmp_path / "labels.csv").touch()
    with pytest.raises(UserError, match="holds something else than a run"):
        RunDirectory(tmp_path).begun()
    (tmp_path / "environment.json").touch()
    assert RunDirectory(tmp_path).begun() is None


@pytest.mark.parametrize("moment", range(1, 7))
def test_a_stop_at_any_moment_of_beginning_again_can_be_gone_on_from(trained, monkeypatch, moment):
    """With noisy clips for an appended stage, so that a table changes."""
    noisy = pd.DataFrame({"fname": ["n.wav"], "source": "noisy", "labels": [("Bark",)], "path": "n.wav", "fold": None})
    tables = run_tables(("Bark", "Rain"), pd.concat([CLIPS, noisy]), pd.Series([0, 1]))
    left = iter(range(moment))

    def stops(write):
        def until(*arguments):
            if next(left, None) is None:
                raise KeyboardInterrupt
            write(*arguments)

        return until

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(directory, "write_text", stops(directory.write_text))
        patch.setattr(directory, "write_manifest", stops(directory.write_manifest))
        trained.begin(replace(SAID, files=tables.checksums), tables, {"environment.json": "{}"})
        raise KeyboardInterrupt
    trained.check(RECIPE, tables)
    trained.check(RECIPE, TABLES)
    trained.begin(replace(SAID, files=tables.checksums), tables, {})
    assert read_manifest(trained.folder).files == tables.checksums and "n.wav" in trained.begun()[1].texts["clips.csv"]
