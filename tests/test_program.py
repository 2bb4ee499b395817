"""Commands are named as this program was started."""

import sys
from pathlib import Path

import pytest

from fat_tf.program import command_line, module_line


@pytest.mark.parametrize("started, says", [
    ("tools/train.py", "tools/report.py 'my runs/a'"),
    ("../main/tools/train.py", "../main/tools/report.py 'my runs/a'"),
    ("/usr/bin/pytest", "fat-tf report 'my runs/a'"),
    ("/opt/x/fat-tf", "report 'my runs/a'"),
])  # fmt: skip
def test_a_command_is_told_as_the_running_one_was_started(monkeypatch, started, says):
    monkeypatch.setattr(sys, "argv", [started])
    said = command_line("report", Path("my runs/a"))
    assert said.endswith(says) and (said.startswith("fat-tf") or "python" in said or "/opt/x/fat-tf" in said)


def test_another_program_is_told_by_its_module_where_it_is_not_on_the_path(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert module_line("tensorboard", "tensorboard.main", "--logdir=r") == (
        f"{sys.executable} -m tensorboard.main --logdir=r"
    )
