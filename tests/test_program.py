"""Commands are named as this program was started."""

import sys
from pathlib import Path

import pytest

from fat_tf import program
from fat_tf.program import command_line, module_line


@pytest.mark.parametrize("started, on_path, says", [
    ("tools/train.py", True, "python tools/report.py 'my runs/a'"),
    ("../main/tools/train.py", False, f"{sys.executable} ../main/tools/report.py 'my runs/a'"),
    ("/usr/bin/pytest", False, "fat-tf report 'my runs/a'"),
    ("/opt/x/fat-tf", True, "fat-tf report 'my runs/a'"),
    ("/opt/x/fat-tf", False, "/opt/x/fat-tf report 'my runs/a'"),
])  # fmt: skip
def test_a_command_is_told_as_the_running_one_was_started(monkeypatch, started, on_path, says):
    folder = Path(sys.executable).parent if on_path else Path("/elsewhere")
    monkeypatch.setattr("shutil.which", lambda program: str(folder / program))
    monkeypatch.setattr(sys, "argv", [started])
    assert command_line("report", Path("my runs/a")) == says


def test_another_program_is_told_by_its_module_where_it_is_not_on_the_path(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert module_line("tensorboard", "tensorboard.main", "--logdir=r") == (
        f"{sys.executable} -m tensorboard.main --logdir=r"
    )


def test_what_installs_an_extra_names_the_checkout_where_there_is_one(monkeypatch, tmp_path):
    monkeypatch.chdir(Path(program.__file__).parents[1])
    assert program.install_line("demo") == "pip install -c constraints.txt -e '.[demo]'"
    assert program.install_line() == "pip install -c constraints.txt -e ."
    checkout = tmp_path / "my checkout"
    checkout.mkdir()
    monkeypatch.setattr(program, "__file__", str(checkout / "fat_tf" / "program.py"))
    assert program.install_line("demo") == "pip install 'fat_tf[demo]'"
    (checkout / "constraints.txt").touch()
    assert program.install_line("demo") == f"pip install -c '{checkout}/constraints.txt' -e '{checkout}[demo]'"
