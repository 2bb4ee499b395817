"""Where things are kept: below the home directory, or elsewhere where it cannot be; by whole programs, too."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from fat_tf import home
from fat_tf.data import builtin

ROOT = Path(__file__).parent.parent
NOBODY = ["env", "-u", "HOME", "unshare", "--user", "--map-user=54321"]
UNSHARES = shutil.which("unshare") and not subprocess.run([*NOBODY, "true"], capture_output=True).returncode


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """Where temporary files go."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return tmp_path / "temporary"


def test_a_named_place_for_caches_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("FAT_TF_CACHE", str(tmp_path / "scratch"))
    builtin.default_place.cache_clear()
    assert builtin.features_folder() == home.cache_place() / "features" == tmp_path / "scratch" / "features"
    builtin.default_place.cache_clear()


def test_a_home_that_can_be_written_to_is_taken(tmp_path, monkeypatch, temporary):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home.kept_in(".cache/fat_tf") == tmp_path / ".cache" / "fat_tf"


@pytest.mark.parametrize("there", ["nowhere", "a file", "~"])
def test_without_one_there_is_a_stand_in_and_a_line(tmp_path, monkeypatch, temporary, capsys, there):
    (tmp_path / "a file").touch()
    (tmp_path / "~").mkdir()  # what libraries leave that take it for a name
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", there if there == "~" else str(tmp_path / there))
    builtin.default_place.cache_clear()
    assert builtin.features_folder().is_relative_to(temporary)
    builtin.features_folder()
    assert capsys.readouterr().out.count("No home directory that can be written to: ") == 1
    builtin.default_place.cache_clear()


def test_libraries_are_led_there_unless_a_person_leads_them(tmp_path, monkeypatch, temporary):
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    monkeypatch.setenv("KERAS_HOME", "mine")
    for name in ("MPLCONFIGDIR", "HF_HOME"):
        monkeypatch.setenv(name, "")  # to be put back
        del os.environ[name]
    home.lead_libraries()
    assert os.environ["KERAS_HOME"] == "mine" and os.environ["MPLCONFIGDIR"].startswith(str(temporary))


@pytest.mark.skipif(not UNSHARES, reason="needs unshare, and the right to use it")
@pytest.mark.parametrize("arguments", [["doctor"], ["predict", "--run_dir={run}", "{sounds}", "--output=s.csv"]])
@pytest.mark.slow
def test_somebody_without_a_name_and_a_home_can_work(runs, synthetic, tmp_path, arguments):
    sounds = shutil.copytree(synthetic / "test", tmp_path / "sounds")  # that cannot be written to
    sounds.chmod(0o500)
    places = {"run": runs / "a", "sounds": sounds}
    command = [*NOBODY, sys.executable, str(ROOT / "tools" / f"{arguments[0]}.py")]
    command += [argument.format(**places) for argument in arguments[1:]]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {place.name for place in tmp_path.iterdir()} <= {"s.csv", "fat_tf-54321", "sounds"}
