"""Commands where nothing is as at a terminal: other locales, closed streams, no size."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
POSIX = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
BAKER = "Bäcker"
QUICK = "WIDTH = 2\nEPOCHS = 1\nFrontEnd.window_seconds = 1.0\n"
IN_ONE_PROCESS = """
import sys
from fat_tf import commands
for step in sys.argv[1:]:
    sys.argv[1:] = step.split()
    if status := commands.main():
        sys.exit(status)
"""


def run(command, cwd, **environment):
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | environment
    return subprocess.run(command, capture_output=True, cwd=cwd, env=environment, timeout=600)


def test_names_and_what_is_printed_are_utf8_in_the_posix_locale(tmp_path):
    (tmp_path / "übersicht.csv").write_text(f"fname,{BAKER},Öl\nä.wav,0.9,0.1\n", "utf-8")
    (tmp_path / "wahr.csv").write_text(f"fname,labels\nä.wav,{BAKER}\n", "utf-8")
    command = [sys.executable, str(ROOT / "tools" / "evaluate.py"), "--scores=übersicht.csv", "--truth=wahr.csv"]
    done = run(command, tmp_path, **POSIX)
    assert done.returncode == 0, done.stderr
    assert f"\n{BAKER} " in done.stdout.decode() and b"bersicht.csv: 1 clips" in done.stdout


@pytest.mark.slow
def test_a_class_with_an_umlaut_goes_all_the_way_in_the_posix_locale(synthetic, tmp_path):
    table = (synthetic / "train_curated.csv").read_text("utf-8")
    data = tmp_path / "Geräusche"
    data.mkdir()
    (data / "audio").symlink_to(synthetic / "train_curated")
    (data / "clips.csv").write_text(table.replace("Bell", BAKER), "utf-8")
    (tmp_path / "größe.gin").write_text(f"# schön\ninclude 'm0.gin'\n{QUICK}", "utf-8")
    steps = [
        "train --gin_file=größe.gin --data_dir=Geräusche --run_dir=läuft --folds=0 --cache_dir=Speicher_ä",
        "predict --run_dir=läuft Geräusche/audio --output=ö.csv",
        "evaluate --scores=läuft --plots=Bilder_ä",
        "export --run_dir=läuft --output=Modell_ö",
        "predict --model=Modell_ö Geräusche/audio --output=ü.csv",
    ]
    done = run([sys.executable, "-c", IN_ONE_PROCESS, *steps], tmp_path, **POSIX)
    assert done.returncode == 0, done.stderr.decode()
    assert f"\n{BAKER} " in done.stdout.decode()
    for labels in ("läuft/labels.csv", "Modell_ö/1/labels.txt"):
        assert f"{BAKER}\n" in (tmp_path / labels).read_text("utf-8")
    assert all((tmp_path / scores).is_file() for scores in ("ö.csv", "ü.csv"))


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error(tmp_path, closed):
    for name in ("a.csv", "same.csv"):
        (tmp_path / name).write_text("fname,Bark,Rain\na.wav,0.9,0.1\n")
    tool = f"{sys.executable} {ROOT / 'tools' / 'blend.py'}"
    done = run(["sh", "-c", f"{tool} a.csv same.csv --output=b.csv {closed}"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "b.csv").read_text() == (tmp_path / "a.csv").read_text()
    assert run(["sh", "-c", f"{tool} a.csv nowhere.csv --output=c.csv {closed}"], tmp_path).returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_behind_stdout_is_one_line(tmp_path):
    for name in ("a.csv", "same.csv"):
        (tmp_path / name).write_text("fname,Bark,Rain\na.wav,0.9,0.1\n")
    done = run(
        ["sh", "-c", f"{sys.executable} {ROOT / 'tools' / 'blend.py'} a.csv same.csv --output=b.csv >/dev/full"],
        tmp_path,
    )
    assert done.returncode == 2 and done.stderr == b"Error: [Errno 28] No space left on device\n"


def test_a_current_folder_that_is_gone_is_one_line(call, runs, synthetic, tmp_path):
    sound = next((synthetic / "test").iterdir())
    (tmp_path / "gone").mkdir()
    place = os.getcwd()
    try:
        os.chdir(tmp_path / "gone")
        os.rmdir(tmp_path / "gone")
        done = call("predict", f"--run_dir={runs / 'a'}", sound)
    finally:
        os.chdir(place)
    assert (done.returncode, done.stderr) == (2, "Error: [Errno 2] No such file or directory\n")


@pytest.mark.parametrize("columns", ["0", "-1", "x"])
def test_a_terminal_without_a_size_is_no_error(tmp_path, columns):
    done = run([sys.executable, str(ROOT / "tools" / "predict.py"), "--help"], tmp_path, COLUMNS=columns, LINES="0")
    assert done.returncode == 0 and b"--resume" in done.stdout
