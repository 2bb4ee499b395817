"""What README and docs/ name is there: files, links, commands and their flags."""

import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from fat_tf import config
from fat_tf.commands import COMMANDS
from fat_tf.commands.flags import Parser

ROOT = Path(__file__).parent.parent
PAPERS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ROOMS = {folder.name for folder in (ROOT / "fat_tf").iterdir() if folder.is_dir()}
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
NAMED = re.compile(r"`((?:tools|tests|docs|gin|fat_tf)/[\w/.]*\w)`")
IN_ROOM = re.compile(r"`(\w+)/([\w/]+\.py)`")
GIN_FILE = re.compile(r"(?:`|--gin_file=)(\w+\.gin)\b")
COMMAND = re.compile(r"(?:python tools/|fat-tf )(\w+)(?:\.py)?((?:[^\n`]|\\\n)*)")
NOT_SHIPPED = {"config.gin", "operative_config.gin", "best.gin"}  # a run's, a sweep's


@pytest.fixture(params=PAPERS, ids=lambda path: path.name)
def paper(request) -> Path:
    return request.param


@cache
def flags_of(command: str) -> set[str]:
    parser = Parser(command, f"fat-tf {command}", "")
    import_module(f"fat_tf.commands.{command}").add_flags(parser)
    return set(parser._option_string_actions)


def test_links_lead_somewhere(paper):
    assert not [link for link in LINK.findall(paper.read_text()) if not (paper.parent / link).exists()]


def test_named_files_are_there(paper):
    text = paper.read_text()
    names = [*NAMED.findall(text), *(f"tools/{name}.py" for name in re.findall(r"python tools/(\w+)\.py", text))]
    names += [f"fat_tf/{room}/{file}" for room, file in IN_ROOM.findall(text) if room in ROOMS]
    assert not [name for name in names if "NAME" not in name and not (ROOT / name).exists()]


def test_named_configurations_are_shipped(paper):
    shipped = {path.name for folder in config.search_path() for path in folder.glob("*.gin")}
    text = paper.read_text()
    written = set(re.findall(r"# (\w+\.gin)", text))  # by an example
    assert set(GIN_FILE.findall(text)) - shipped <= NOT_SHIPPED | written


def test_commands_have_the_flags_that_they_are_given(paper):
    for name, arguments in COMMAND.findall(paper.read_text()):
        if name in COMMANDS:
            used = set(re.findall(r"(?<=\s)(--\w+)", arguments.split(" # ")[0].split("&&")[0]))
            assert used <= flags_of(name), f"{name}{arguments}"


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150
