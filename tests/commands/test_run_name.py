"""Names of new runs say what differs, and no two starts have the same folder."""

from pathlib import Path

import pytest

from fat_tf.commands import run_name as naming
from fat_tf.commands.run_name import run_folder, run_name
from fat_tf.errors import UserError


@pytest.mark.parametrize("files, params, name", [
    (["m3.gin"], [], "m3"),
    (["gin/models/m3.gin", "best5k.gin"], ["WIDTH = 16"], "m3-best5k-w16"),
    (["m1.gin"], ["EPOCHS=60", "BATCH_SIZE=32", "SEED=7"], "m1-e60-b32-s7"),
    (["m1.gin"], ["MixUp.alpha=0.4", "fit/Stage.steps=600"], "m1-alpha=0.4-steps=600"),
    (["m1.gin"], ["Recipe.normalisation=(-40, 20.5)"], "m1-normalisation=-40_20.5"),
    (["m1.gin"], ["Recipe.normalisation='clip'", "Recipe.model=@m0"], "m1-normalisation=clip-model=m0"),
    (["my own.gin"], ["Recipe.scorer_run='../a/b'"], "my_own-scorer_run=.._a_b"),
])  # fmt: skip
def test_the_name_is_the_files_and_what_was_changed(files, params, name):
    assert run_name(files, params) == name


def test_a_name_is_bounded():
    assert len(run_name(["m3.gin"], [f"MixUp.alpha=0.{k}" for k in range(30)])) <= naming.LONGEST


@pytest.fixture(autouse=True)
def one_second(tmp_path, monkeypatch):
    """Time stands still."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(naming.time, "strftime", lambda _: "20261224-180000")


def test_starts_of_one_second_have_folders_of_their_own():
    with run_folder(None, ["m3.gin"], []) as first, run_folder(None, ["m3.gin"], []) as second:
        assert (first, second) == ("runs/m3-20261224-180000", "runs/m3-20261224-180000-2")
        Path(first, "file").touch()
    assert [folder.name for folder in Path("runs").iterdir()] == ["m3-20261224-180000"]


def test_a_start_that_fails_leaves_nothing():
    with pytest.raises(UserError), run_folder(None, ["m3.gin"], []):
        raise UserError("no data")
    assert not list(Path().iterdir())


def test_a_given_folder_is_left_to_the_run():
    with run_folder("mine", ["m3.gin"], []) as folder:
        assert folder == "mine"
    assert not list(Path().iterdir())


def test_runs_that_is_a_file_is_said():
    Path("runs").touch()
    with (
        pytest.raises(UserError, match=r"^Run folder runs/m3.*: Not a directory. Choose another one"),
        run_folder(None, ["m3.gin"], []),
    ):
        pass
