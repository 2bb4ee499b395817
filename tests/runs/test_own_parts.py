"""Own modules: where a configuration finds them, and how a run keeps them."""

import json
import sys
from pathlib import Path

import pytest

from fat_tf import config
from fat_tf.errors import UserError
from fat_tf.parts import sources
from fat_tf.runs.own_parts import keep_parts, load_parts, own_parts

MODULES = {
    "house_parts.py": "import gin\nimport house_helper\nimport house_box.inner\nimport numpy\n"
    "@gin.register\ndef house(x): return x + house_helper.ONE\n",
    "house_helper.py": "ONE = 1\n",
    "house_box/__init__.py": "",
    "house_box/inner.py": "from house_box import other\n",
    "house_box/other.py": "",
    "house_unused.py": "raise RuntimeError\n",
}
KEPT = sorted(set(MODULES) - {"house_unused.py"})


def forget_modules():
    for name in [name for name in sys.modules if name.startswith("house_")]:
        del sys.modules[name]
    config.modules._texts.clear()


@pytest.fixture(autouse=True)
def forget():
    """Each test imports them anew."""
    yield
    forget_modules()


@pytest.fixture
def house(tmp_path) -> Path:
    """A gin file with its modules beside it."""
    for name, text in MODULES.items():
        (tmp_path / "house" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "house" / name).write_text(text)
    file = tmp_path / "house" / "house.gin"
    file.write_text("import house_parts\nhouse.x = 2\n")
    return file


def test_a_module_is_found_beside_the_file_and_beside_one_that_it_includes(house, tmp_path):
    (tmp_path / "more.gin").write_text(f"include '{house}'\nhouse.x = 5\n")
    config.load([str(tmp_path / "more.gin")])
    assert config.make("house") == 6 and config.own_modules() == ["house_parts"]
    assert str(house.parent) not in sys.path
    config.load(["predict.gin"])
    assert config.own_modules() == []


def test_a_module_is_found_in_the_current_folder(house, tmp_path, monkeypatch):
    (tmp_path / "more.gin").write_text("import house_parts\nhouse.x = 5\n")
    monkeypatch.chdir(house.parent)
    config.load([str(tmp_path / "more.gin")])
    assert config.make("house") == 6


RAISES = {
    "1 / 0": r"house_parts.py, line 3: ZeroDivisionError: division by zero$",
    "def f(:": r"house_parts.py, line 3: SyntaxError",
    "import sys; sys.exit(3)": r"house_parts.py, line 3: SystemExit: 3$",
    "from house_helper import TWO": r"house_parts.py, line 3: ImportError: cannot import name 'TWO'",
}


@pytest.mark.parametrize("line, message", RAISES.items(), ids=RAISES)
def test_a_failing_import_is_a_line_that_names_both_files(house, line, message):
    (house.parent / "house_parts.py").write_text(f"\n\n{line}\n")
    with pytest.raises(config.ConfigError, match=rf"house.gin: import house_parts: .*{message}") as raised:
        config.load([str(house)])
    assert "\n" not in raised.value.message


def test_a_module_that_is_nowhere_is_a_line_that_says_where_it_was_looked_for(tmp_path):
    (tmp_path / "a.gin").write_text("import house_nowhere\n")
    with pytest.raises(config.ConfigError, match=rf"there is no house_nowhere.py in {tmp_path}, .*Python path"):
        config.load([str(tmp_path / "a.gin")])


def test_a_module_that_changed_since_it_was_imported_is_refused(house):
    config.load([str(house)])
    (house.parent / "house_parts.py").write_text("")
    with pytest.raises(config.ConfigError, match=r"is not what .* was when this process imported it"):
        config.load([str(house)])


def test_sources_are_the_modules_and_those_beside_them_that_they_import(house):
    config.load([str(house)])
    assert list(sources(config.own_modules())) == KEPT
    part = own_parts()[-1]
    assert (part["module"], part["file"]) == ("house_parts.py", str(house.parent / "house_parts.py"))
    assert len(part["sha256"]) == 64


def test_a_run_keeps_its_parts_and_they_are_imported_from_there(house, tmp_path, capsys):
    run = tmp_path / "run"
    run.mkdir()
    config.load([str(house)])
    keep_parts(run)
    assert sorted(str(file.relative_to(run / "own_parts")) for file in (run / "own_parts").rglob("*.py")) == KEPT
    assert "Own parts: " in capsys.readouterr().out
    load_parts(run)
    assert capsys.readouterr().out == ""  # the process has them
    forget_modules()
    (house.parent / "house_parts.py").unlink()
    load_parts(run)
    assert sys.modules["house_helper"].__file__ == str(run / "own_parts" / "house_helper.py")
    assert capsys.readouterr().out == f"Own parts of {run}: house_parts, from {run / 'own_parts'}\n"
    config.load([str(house)], [], [run / "own_parts"])  # as a restart does
    assert config.make("house") == 3
    keep_parts(run)
    assert json.loads((run / "own_parts" / "imported.json").read_text()) == ["house_parts"]


def test_parts_of_a_call_that_did_not_train_are_replaced(house, tmp_path):
    run = tmp_path / "run"
    (run / "own_parts").mkdir(parents=True)
    (run / "own_parts" / "house_old.py").write_text("")
    config.load([str(house)])
    keep_parts(run)
    assert not (run / "own_parts" / "house_old.py").exists()


@pytest.mark.parametrize("changed", ["house_parts.py", "house_helper.py"])
def test_runs_of_different_parts_of_a_name_are_refused(house, tmp_path, changed):
    config.load([str(house)])
    (tmp_path / "run").mkdir()
    keep_parts(tmp_path / "run")
    file = tmp_path / "run" / "own_parts" / changed
    file.write_text(file.read_text() + "\nTWO = 2\n")
    with pytest.raises(UserError, match=rf"made with another {changed} than {house.parent}.*one after the other"):
        load_parts(tmp_path / "run")


def test_kept_parts_that_cannot_be_imported_are_a_line(house, tmp_path):
    config.load([str(house)])
    (tmp_path / "run").mkdir()
    keep_parts(tmp_path / "run")
    forget_modules()
    (tmp_path / "run" / "own_parts" / "house_parts.py").write_text("import house_gone\n")
    with pytest.raises(UserError, match=r"run: import house_parts: .*line 1: ModuleNotFoundError: No module named"):
        load_parts(tmp_path / "run")
    (tmp_path / "run" / "own_parts" / "imported.json").write_text("{")
    with pytest.raises(UserError, match=r"imported.json cannot be read"):
        load_parts(tmp_path / "run")


def test_one_name_for_two_parts_is_a_line(house):
    twice = "import gin\n@gin.register\ndef twice(x): pass\n"
    (house.parent / "house_parts.py").write_text(twice + "import house_helper\n")
    (house.parent / "house_helper.py").write_text(twice)
    house.write_text("import house_parts\ntwice.x = 1\n")
    message = "line 2: twice is the name of house_helper.twice and house_parts.twice: give your own another one"
    with pytest.raises(config.ConfigError, match=message):
        config.load([str(house)])


def test_names_that_an_own_part_hands_on_may_be_bound(house):
    own = "import gin\n@gin.register\ndef handed(x, **more): return x, more\n"
    (house.parent / "house_parts.py").write_text(own)
    house.write_text("import house_parts\nhanded.x = 1\nhanded.n_mels = 64\n")
    config.load([str(house)])
    assert config.make("handed") == (1, {"n_mels": 64})
