"""What a run's files say, whoever trained it and wherever."""

import json

import pytest

from fat_tf.errors import UserError
from fat_tf.runs.facts import run_facts, without_folders

CONFIGURATION = """\
# Macros:
WIDTH = 16

# Parameters for m1:
m1.width = %WIDTH

Recipe.model = @m1
Recipe.scorer_run = '/home/me/runs/scorer'
Recipe.stages = \\
    (@pretrain/Stage(),
     @best/Stage(),
     @refit/Stage())
pretrain/Stage.data = 'noisy'
pretrain/Stage.repeats = 1
best/Stage.data = 'curated+best'
refit/Stage.repeats = 2
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / "environment.json").write_text(json.dumps({"command": ["train.py"]}))
    (tmp_path / "operative_config.gin").write_text(CONFIGURATION)
    return tmp_path


@pytest.mark.parametrize(
    "arguments, data, command",
    [
        (["--gin_file=m3.gin", "--data_dir=/home/me/sounds"], "sounds", "--gin_file=m3.gin --data_dir=sounds"),
        (["--gin_file", "/home/me/a.gin", "--data", "sounds/"], "sounds", "--gin_file=a.gin --data_dir=sounds"),
        (["--gin_file=m3.gin", "--run_dir=/home/me/r"], "the built-in data set", "--gin_file=m3.gin"),
        (
            ["--gin_file=a.gin", "--gin_file=b.gin", "--gin_param=Recipe.scorer_run='/home/me/x'", "--folds=0,2"],
            "the built-in data set",
            """--gin_file=a.gin --gin_file=b.gin '--gin_param=Recipe.scorer_run='"'"'x'"'"'' --folds=0,2""",
        ),
    ],
)
def test_the_command_is_told_without_the_places_of_that_machine(run, arguments, data, command):
    (run / "environment.json").write_text(json.dumps({"command": ["train.py", *arguments]}))
    facts = run_facts(run)
    assert (facts.data, facts.command) == (data, f"python tools/train.py {command}")


def test_what_another_program_trained_does_not_tell_its_data(run):
    (run / "environment.json").write_text(json.dumps({"command": ["pytest", "--data_dir=a"]}))
    assert (run_facts(run).data, run_facts(run).command) == ("", "")


def test_model_and_stages_are_read_from_the_configuration(run):
    facts = run_facts(run)
    assert facts.model == "m1, width 16"
    assert facts.stages == ["pretrain (noisy clips)", "best (curated and chosen noisy clips)", "refit (2 times)"]
    assert (facts.value("Recipe.scorer_run"), facts.value("Recipe.seed")) == ("scorer", "")


@pytest.mark.parametrize(
    "text, expected",
    [
        ("a = '/home/me/runs/x'", "a = 'x'"),
        ('a = ("/data/a", "b/c")', 'a = ("a", "b/c")'),
        ("a=/data/a/ b", "a=a/ b"),
        ("~/runs/x stays out", "~/runs/x stays out"),
        ("a = ~/runs/x", "a = x"),
        ("fit/Stage.data = 1 / 6", "fit/Stage.data = 1 / 6"),
        ("https://a.b/c", "https://a.b/c"),
        ("'/tmp'", "'tmp'"),
    ],
)
def test_absolute_paths_become_names(text, expected):
    assert without_folders(text) == expected


def test_an_empty_folder_says_nothing(tmp_path):
    facts = run_facts(tmp_path)
    assert (facts.metrics, facts.data, facts.command, facts.model, facts.stages) == ({}, "", "", "", [])
    assert facts.folds.empty and facts.test_scores.empty


@pytest.mark.parametrize(
    "name, text",
    [
        ("metrics.json", "{"),
        ("environment.json", ""),
        ("folds.csv", ""),
        ("folds.csv", "a,b\n1,2\n"),
    ],
)
def test_a_damaged_file_is_named(run, name, text):
    (run / name).write_text(text)
    with pytest.raises(UserError, match=name):
        run_facts(run)
