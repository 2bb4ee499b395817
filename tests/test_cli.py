"""The tools as programs: one line and status 2 for what a user can mend, help without TensorFlow."""

import re
from pathlib import Path

import pytest

TOOLS = Path(__file__).parent.parent / "tools"


@pytest.mark.parametrize("arguments, message", [
    (["--gin_file=m3.gin", "--data_dir=nowhere"], "Error: Data folder nowhere does not exist"),
    (["--gin_file=m33.gin"], "Error: No configuration m33.gin"),
    (["--gin_file=m3.gin", "--gin_param=Recipe.epoch=3"], "Error: Configuration m3.gin, Recipe.epoch=3"),
    (["--gin_file=m3.gin", "--folds=a"], "invalid folds value"),
    ([], "required: --gin_file"),
])  # fmt: skip
def test_wrong_usage_is_one_line_and_status_2(tool, tmp_path, arguments, message):
    done = tool("train", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr and "Traceback" not in done.stderr
    assert (
        len([line for line in done.stderr.splitlines() if line.lower().startswith(("error", "train.py: error"))]) == 1
    )
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("name", sorted(path.stem for path in TOOLS.glob("*.py")))
def test_every_tool_explains_itself_quickly_and_is_short(tool, name, tmp_path):
    (tmp_path / "tensorflow.py").write_text("raise SystemExit('--help imported TensorFlow')")
    done = tool(name, "--help", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0 and f"python tools/{name}.py" in done.stdout
    assert len((TOOLS / f"{name}.py").read_text().splitlines()) < 60


def test_prepare_fills_the_cache_that_training_uses(tool, synthetic, tmp_path):
    done = tool("prepare", f"--data_dir={synthetic}", f"--cache_dir={tmp_path}", "--gin_param=LogMel.n_mels=8")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("76 clips, 0.")
    assert list(tmp_path.glob("*/pass-*/logmel-00000-of-00001"))


def test_doctor_finds_the_installation_whole(tool):
    lines = {part: state for state, part, *_ in (re.split("  +", line) for line in tool("doctor").stdout.splitlines())}
    here_or_not = {"Device", "Space for caches"}  # the machine's, not the installation's
    assert {state for part, state in lines.items() if part not in here_or_not} == {"ok"}
    assert {"tensorflow-io", "Decode MP3", "Resample", "Log-mel", "Training step", "Configurations"} <= set(lines)


def test_doctor_shows_a_broken_package_as_a_line_with_its_remedy(tool, tmp_path):
    (tmp_path / "soxr.py").write_text("raise ImportError('libsoxr is missing')")
    done = tool("doctor", PYTHONPATH=str(tmp_path))
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "FAIL  Resample" in done.stdout and "libsoxr is missing" in done.stdout and "do: pip install" in done.stdout
