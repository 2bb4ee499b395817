"""What a run's files say, whoever trained it and wherever."""

import pytest
from fake_runs import manifest

from fat_tf.errors import UserError
from fat_tf.runs.facts import run_facts, without_folders
from fat_tf.runs.manifest import write_manifest

CONFIGURATION = """\
# Macros:
WIDTH = 16

# Parameters for m1:
m1.width = %WIDTH

Recipe.model = @m1
Recipe.scorer_run = '/home/me/runs/scorer'
Recipe.seed = %SEED
"""
RECIPE = {
    "model": {"class": "m1", "parameters": 34742, "layers": "ab"},
    "stages": [
        {"name": "pretrain", "data": "noisy"},
        {"name": "best", "data": "curated+best"},
        {"name": "refit-1", "data": {"class": "loud_clips"}},
    ],
    "selection": {"scope": "all_folds"},
}


@pytest.fixture
def run(tmp_path):
    (tmp_path / "operative_config.gin").write_text(CONFIGURATION)
    (tmp_path / "folds.csv").write_text("fname,fold\na.wav,0\nb.wav,1\n")
    for fold in range(2):
        (tmp_path / f"fold_{fold}").mkdir()
        (tmp_path / f"fold_{fold}" / "scores.npz").touch()
    write_manifest(tmp_path, manifest(recipe=RECIPE))
    return tmp_path


@pytest.mark.parametrize(
    "said, data, command",
    [
        (
            {"gin_files": ("/home/me/a.gin",), "data_dir": "/home/me/sounds"},
            "sounds",
            "--gin_file=a.gin --data_dir=sounds",
        ),
        ({"gin_files": ("m3.gin",)}, "the built-in data set", "--gin_file=m3.gin"),
        (
            {
                "gin_files": ("a.gin", "b.gin"),
                "gin_params": ("Recipe.scorer_run='/home/me/x'",),
                "folds_from": "/home/me/old",
            },
            "the built-in data set",
            """--gin_file=a.gin --gin_file=b.gin '--gin_param=Recipe.scorer_run='"'"'x'"'"'' --folds_from=old""",
        ),
    ],
)
def test_the_command_is_told_without_the_places_of_that_machine(run, said, data, command):
    write_manifest(run, manifest(**said))
    facts = run_facts(run)
    assert (facts.data, facts.command) == (data, f"python tools/train.py {command}")


def test_folds_that_are_missing_are_in_the_command(run):
    write_manifest(run, manifest(gin_files=("m3.gin",)))
    (run / "fold_0" / "scores.npz").unlink()
    assert run_facts(run).command.endswith(" --folds=1")


def test_a_run_of_an_earlier_version_does_not_tell_its_data(run):
    (run / "manifest.json").unlink()
    facts = run_facts(run)
    assert (facts.data, facts.command, facts.model, facts.stages) == ("", "", "", [])


def test_model_and_stages_are_read_from_the_manifest(run):
    facts = run_facts(run)
    assert facts.model == "m1, 34,742 parameters"
    assert facts.stages == ["pretrain (noisy clips)", "best (curated and chosen noisy clips)", "refit-1 (loud_clips)"]
    assert facts.selection_has_seen_all
    assert (facts.value("Recipe.scorer_run"), facts.value("m1.width"), facts.value("x")) == ("scorer", "16", "")


@pytest.mark.parametrize("more", [{"stages": RECIPE["stages"][:1]}, {"selection": {"scope": "per_fold"}}])
def test_a_choice_by_other_models_or_none_has_not_seen_all(run, more):
    write_manifest(run, manifest(recipe=RECIPE | more))
    assert not run_facts(run).selection_has_seen_all


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
        ("manifest.json", "{}"),
        ("folds.csv", ""),
        ("folds.csv", "a,b\n1,2\n"),
    ],
)
def test_a_damaged_file_is_named(run, name, text):
    (run / name).write_text(text)
    with pytest.raises(UserError, match=name):
        run_facts(run)
