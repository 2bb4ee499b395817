"""The table of commands, as `fat-tf` and as tools/: what is wrong is one line and status 2, told without TensorFlow."""

import configparser
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fat_tf import commands
from fat_tf.commands import COMMANDS
from fat_tf.commands.places import say_loading

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / "tools"


def test_the_table_is_the_folder_of_tools_and_the_entry_point():
    assert set(COMMANDS) == {path.stem for path in TOOLS.glob("*.py")}
    assert all(importlib.import_module(f"fat_tf.commands.{name}").main for name in COMMANDS)
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    assert setup["options.entry_points"]["console_scripts"].strip() == "fat-tf = fat_tf.commands:main"


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_the_overview_has_a_line_a_command(capsys, arguments):
    assert commands.main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[2:]] == list(COMMANDS)
    assert all(len(line) <= 100 for line in lines)


def test_letters_that_a_terminal_lacks_are_no_error():
    program = [sys.executable, "-c", "from fat_tf import commands; commands.main([]); commands.main(['träin'])"]
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(program, capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0 and "there is no command tr?in: did you mean train?" in done.stderr


def test_what_a_program_is_called_is_what_its_help_says(tool, capsys):
    done = tool("train", "--help")
    assert done.returncode == 0 and "\npython tools/train.py --gin_file=m3.gin " in done.stdout
    with pytest.raises(SystemExit, match="0"):
        commands.main(["select-noisy", "--help"])
    assert "    fat-tf select_noisy --run_dir=RUN" in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(capsys, name):
    with pytest.raises(SystemExit, match="0"):
        commands.main([name, "--help"])
    said = capsys.readouterr().out
    assert "--gin_file" in said and "--gin_param" in said
    assert (
        said.startswith(f"usage: fat-tf {name} ") and f"fat-tf {name}" in said.split("options:")[0].split("\n\n", 1)[1]
    )


@pytest.mark.parametrize("arguments, message", [
    ("trian", "there is no command trian: did you mean train?"),
    ("xyz", "there is no command xyz. There are: train, prepare, "),
    ("train", "the following arguments are required: --gin_file"),
    ("train m3.gin", "m3.gin is a configuration: give it as --gin_file=m3.gin"),
    ("train --gin_file=m3.gin best5k.gin", "best5k.gin is a configuration: give it as --gin_file=best5k.gin"),
    ("train x.gin", "x.gin is a configuration: give it as --gin_file=x.gin"),
    ("runs a=1", "a=1 is a binding: give it as --gin_param"),
    ("runs lr=0.1", "lr=0.1 is no run, and there is none below it"),
    ("train --gin_file m3.gin EPOCHS=3", 'EPOCHS=3 is a binding: give it as --gin_param="EPOCHS=3"'),
    ("train --gin-fil=m3.gin", "unknown flag --gin_fil: did you mean --gin_file?"),
    ("train -gin_file=m3.gin", "unknown flag -gin_file: did you mean --gin_file?"),
    ("train --gin=m3.gin", "unknown flag --gin: did you mean --gin_file?"),
    ("train --gin_file=m3.gin --folds=a", "argument --folds: invalid folds value: 'a'"),
    ("train --gin_file=m33.gin", "No configuration m33.gin"),
    ("train --gin_file=best5k.gin", "best5k.gin has no model"),
    ("train --gin_file=m3.gin --gin-param=WIDTH=abc", "--gin_param WIDTH=abc: a number is wanted, like WIDTH=64"),
    ("train --gin_file=m3.gin --data-dir=nowhere", "Data folder nowhere does not exist"),
    ("train --gin_file=m3.gin --corrections=no.csv", "--corrections=no.csv is no file: name the CSV of corrected"),
    ("train --gin_file=m3.gin --data_dir=", "--data_dir is empty: give it a value, or leave it out"),
    ("train --gin_file=m3.gin --run-dir= --folds=0", "--run_dir is empty: give it a value, or leave it out"),
    ("trade-off . --output=x.wav", "--output=x.wav is a file: give a folder"),
    ("benchmark sizing --gin_param=Sizing.epochs=0", "Sizing.epochs is above 0, not 0"),
    ("prepare --gin_file=m3.gin --data_dir=nowhere", "Data folder nowhere does not exist"),
    ("predict --run_dir=. x.wav", ". is no run: it has no labels.csv"),
    ("export --run_dir=nowhere --output=x", "nowhere is no run"),
    ("demo --run_dir=nowhere", "nowhere is no run"),
    ("trade-off nowhere --output=x", "nowhere is no run"),
    ("trade-off . ./ --output=x", "named twice"),
    ("select-noisy --run-dir=nowhere --output=x", "nowhere is no run"),
    ("evaluate --scores=no.csv --truth=text.csv", "no.csv does not exist: name a score file or a run"),
    ("evaluate --scores=no.csv", "no.csv does not exist: name a score file or a run"),
    ("evaluate --scores=x.wav --truth=no.csv", "no.csv cannot be read as CSV: No such file or directory"),
    ("evaluate --scores=x.wav --truth=text.csv", "text.csv line 1 holds a NUL byte: it is no text"),
    ("blend a.csv b.csv --output=c.csv", "a.csv cannot be read as CSV: No such file or directory"),
    ("blend a.csv ./a.csv --output=c.csv", "a.csv, ./a.csv: the same scores twice. Name each"),
    ("blend a.csv b.csv --output=text.csv", "text.csv is another table, which would be lost"),
    ("predict x.wav --run_dir=. --output=silence.wav", "silence.wav is another table, which would be lost"),
    ("predict x.wav --run_dir=. --output=folds.csv", "folds.csv is another table, which would be lost"),
    ("predict x.wav --run_dir=. --output=text.csv", "text.csv is another table, which would be lost"),
    ("runs nowhere", "nowhere does not exist: name a run or a folder of runs"),
    ("compare x.wav", "x.wav is a file: name a run or a folder of runs"),
    ("runs", "runs does not exist"),
    ("runs .", ". is no run, and there is none below it"),
    ("runs . ./", "named twice"),
    ("audit nowhere", "nowhere is no run: it has no labels.csv"),
    ("evaluate --scores=x.csv --gin_param=Bootstrap.rounds=99", "Bootstrap.rounds is from 100 to 1000000, not 99"),
    ("evaluate --scores=x.csv --gin_param=Bootstrap.seed=-1", "Bootstrap.seed is from 0 to 4294967295, not -1"),
    ("runs . --gin_param=Bootstrap.round=500", "no parameter round: did you mean Bootstrap.rounds?"),
    ("trade-off . --output=x --gin_file=jugde.gin", "No configuration jugde.gin: did you mean judge.gin?"),
    ("doctor --gin_param=WIDTH=3", "--gin_param changes a configuration: name it with --gin_file"),
    ("benchmark predict", "give --torch_python"),
    ("benchmark predcit", "invalid choice: 'predcit'"),
])  # fmt: skip
def test_wrong_usage_is_one_line_and_status_2(call, tmp_path, arguments, message):
    (tmp_path / "text.csv").write_bytes("fname,Größe\n".encode("utf-16-le"))
    (tmp_path / "x.wav").touch()
    (tmp_path / "x.gin").touch()
    (tmp_path / "silence.wav").write_bytes(b"RIFF" + bytes(200_000))
    (tmp_path / "folds.csv").write_text("fname,fold\na.wav,0\n")
    (tmp_path / "lr=0.1").mkdir()
    before = sorted(file.name for file in tmp_path.iterdir())
    done = call(*arguments.split(), cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("Error: ") and message in done.stderr
    assert sorted(file.name for file in tmp_path.iterdir()) == before


def test_only_a_person_at_a_terminal_is_told_that_tensorflow_loads(monkeypatch, capsys):
    say_loading()
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    say_loading()
    assert capsys.readouterr() == ("", "Loading TensorFlow …\n")


SCORES = "fname,Bark,Rain\na.wav,0.1,0.9\nb.wav,0.7,0.2\n"
WITHOUT_TENSORFLOW = """
import contextlib, json, sys
from fat_tf import commands
for arguments in json.load(sys.stdin):
    with contextlib.suppress(SystemExit):
        commands.main(arguments)
    slow = {"tensorflow", "keras", "sklearn", "scipy", "matplotlib"} & set(sys.modules)
    assert not slow, f"{arguments} imports {slow}"
"""


def test_what_needs_no_tensorflow_imports_nothing_that_is_slow(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(SCORES)
    (tmp_path / "truth.csv").write_text("fname,labels\na.wav,Rain\nb.wav,Rain\n")
    run = tmp_path / "runs" / "r"
    run.mkdir(parents=True)
    (run / "metrics.json").write_text('{"lwlrap": 0.9, "steps": [1], "seconds": 60}')
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "manifest.json").write_text("{}")
    calls = [[name, "--help"] for name in COMMANDS]
    calls += [
        ["train", "--gin_file=m3.gin", "--gin_param=WIDTH=abc"],
        ["train", "--gin_file=best5k.gin"],
        ["train", "--gin_file=m3.gin", "--run_dir=damaged"],
        *([["trian"], ["train", "--gin_file=m33.gin"], ["train", "--gin_file=m3.gin", "--data_dir=nowhere"]]),
        *([[name, "--run_dir=nowhere", "--output=x", "x.wav"] for name in ("predict", "export", "select_noisy")]),
        ["evaluate", "--scores=a.csv", "--scores=b.csv", "--truth=truth.csv"],
        ["blend", "a.csv", "b.csv", "--output=c.csv"],
        ["runs"],
        ["trade_off", "nowhere", "--output=x"],
    ]
    program = [sys.executable, "-c", WITHOUT_TENSORFLOW]
    done = subprocess.run(program, input=json.dumps(calls), capture_output=True, text=True, cwd=tmp_path, timeout=60)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "c.csv").is_file()


def test_prepare_fills_the_cache_that_training_uses(call, synthetic, tmp_path):
    done = call("prepare", f"--data_dir={synthetic}", f"--cache_dir={tmp_path}", "--gin_param=LogMel.n_mels=8")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("76 clips, 0.")
    assert list(tmp_path.glob("*/pass-*/logmel-00000"))


@pytest.mark.slow
def test_doctor_finds_the_installation_whole(call):
    said = call("doctor", "--gin_file=m3.gin", "--gin_file=best5k.gin").stdout
    lines = {part: state for state, part, *_ in (re.split("  +", line) for line in said.splitlines())}
    here_or_not = {"Device", "Space for caches"}  # the machine's, not the installation's
    assert {state for part, state in lines.items() if part not in here_or_not} == {"ok"}
    assert {
        "tensorflow-io",
        "Decode MP3",
        "Resample",
        "Log-mel",
        "Training step",
        "Configurations",
        "Configuration",
    } <= set(lines)
    assert said.endswith("m3.gin and best5k.gin: 2 stages of training\n")


@pytest.mark.slow
@pytest.mark.parametrize("arguments, seen", [
    (["m3.gin", "--gin_param=Recipe.batch_size=0"], "Recipe.batch_size is from 1 to 1000000, not 0"),
    (["m3.gin", f"--gin_param=BATCH_SIZE={10**12}"], "Recipe.batch_size is from 1 to 1000000, not 1000000000000"),
    (["beyond_ablation.gin", "--gin_param=Ensemble.only=('scorrer',)"], "Ensemble.only: there is no member scorrer"),
])  # fmt: skip
def test_doctor_shows_a_configuration_that_cannot_be_trained(call, arguments, seen):
    done = call("doctor", f"--gin_file={arguments[0]}", *arguments[1:])
    assert done.returncode == 2
    assert re.search(f"FAIL  Configuration +{re.escape(seen)}", done.stdout) and "do: mend it" in done.stdout


@pytest.mark.slow
def test_doctor_shows_a_broken_package_as_a_line_with_its_remedy(tool, tmp_path):
    (tmp_path / "soxr.py").write_text("raise ImportError('libsoxr is missing')")
    done = tool("doctor", PYTHONPATH=str(tmp_path))
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "FAIL  Resample" in done.stdout and "libsoxr is missing" in done.stdout and "do: pip install" in done.stdout


@pytest.mark.parametrize("arguments", [[], ["evaluate", "--help"]])
def test_a_reader_that_leaves_early_is_no_error(arguments, monkeypatch):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        assert commands.main(arguments) == 0
