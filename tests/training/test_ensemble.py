"""Ensembles: members of their own configurations, each once, none named twice."""

from pathlib import Path

import pytest

from fat_tf import config, training
from fat_tf.cluster.members import train_ensemble as train_ensemble_by_ray
from fat_tf.config import ConfigError
from fat_tf.errors import UserError
from fat_tf.training.ensemble import Ensemble, Member, check_members, recipe_of

TINY = ["WIDTH=2", "EPOCHS=2", "BATCH_SIZE=16", "FrontEnd.window_seconds=1.0", "Recipe.precision='float32'"]
TINY += ["Board.share=0.0"]
TWO = """
B = ('curated_only.gin', "Recipe.normalisation='clip'")
Ensemble.members = (('a',), ('b', %B, 'SEED=7', 'refit/Stage.repeats=1'))
Ensemble.gin_files = ('TINY',)
Ensemble.gin_params = ('SEED=6', 'WIDTH=16')
"""


def ensemble(tmp_path, text: str = TWO) -> Ensemble:
    (tmp_path / "two.gin").write_text(text.replace("TINY", str(Path(__file__).with_name("tiny.gin"))))
    config.load([str(tmp_path / "two.gin")])
    assert config.is_bound("Ensemble.members")
    return config.make("Ensemble")


@pytest.mark.slow
def test_members_are_runs_below_one_folder_and_trained_once(tmp_path, synthetic, cache_dir, capsys):
    places = (tmp_path / "r", training.Inputs(synthetic, cache_dir, [0]), TINY)
    training.train_ensemble(ensemble(tmp_path), *places)
    config_a = (tmp_path / "r" / "a" / "config.gin").read_text()
    assert "Recipe.model = @tiny" in config_a and "SEED = 6" in config_a and "WIDTH = 2" in config_a
    config_b = (tmp_path / "r" / "b" / "config.gin").read_text()
    assert "@refit/Stage()" in config_b and "SEED = 7" in config_b and "EPOCHS = 2" in config_b
    capsys.readouterr()
    training.train_ensemble(ensemble(tmp_path), *places)
    assert capsys.readouterr().out.count("Nothing to do") == 2


def test_each_member_is_trained_with_each_seed(tmp_path):
    seeded = TWO.replace("'SEED=7'", "\"Recipe.scorer_run='a_{seed}'\"") + "Ensemble.seeds = (1, 2)\n"
    found = ensemble(tmp_path, seeded)
    assert [member.name for member in found.runs] == ["a_1", "a_2", "b_1", "b_2"]
    assert found.runs[3].gin_params[-1] == "SEED=2" and "Recipe.scorer_run='a_2'" in found.runs[3].gin_params
    assert recipe_of(found, found.runs[3]).seed == 2
    with pytest.raises(UserError, match=r"Ensemble\.seeds: one is there twice: 1, 1"):
        ensemble(tmp_path, TWO + "Ensemble.seeds = (1, 1)\n")


def test_members_need_not_read_what_the_ensemble_has_read(tmp_path, monkeypatch):
    to_read = []
    monkeypatch.setattr(
        "fat_tf.training.ensemble.train",
        lambda recipe, folder, inputs, gin_params=(), executor=None: to_read.append(
            (config.loaded()[1][-1], gin_params)
        ),
    )
    given = ["Ensemble.seeds=(3,)", "NoisySelection.count=0.3"]  # the members select no clips
    (tmp_path / "two.gin").write_text(TWO.replace("TINY", str(Path(__file__).with_name("tiny.gin"))))
    config.load([str(tmp_path / "two.gin")], given)
    training.train_ensemble(config.make("Ensemble"), tmp_path / "r", gin_params=given)
    assert to_read == [("NoisySelection.count=0.3", ())] * 2


def test_a_member_is_a_name_files_and_bindings_of_tuples_within_tuples(tmp_path):
    b = Member("b", ("curated_only.gin",), ("Recipe.normalisation='clip'", "SEED=7", "refit/Stage.repeats=1"))
    assert ensemble(tmp_path).runs == [Member("a"), b]
    assert ensemble(tmp_path, TWO + "Ensemble.only = ('b',)\n").runs == [b]


def test_one_seed_for_members_that_have_several_is_refused(tmp_path):
    seeded = ensemble(tmp_path, TWO + "Ensemble.seeds = (1, 2)\n")
    for param in ("SEED=7", "Recipe.seed = 7"):
        with pytest.raises(UserError, match=rf"{param} would give all .*\(a_1, a_2, b_1, and 1 more\)"):
            training.train_ensemble(seeded, tmp_path / "r", gin_params=[param])
        with pytest.raises(UserError, match=rf"{param} would give all members one seed, .* their own \(b\)"):
            training.train_ensemble(ensemble(tmp_path), tmp_path / "r", gin_params=[param])


def test_a_seed_that_a_file_binds_for_all_is_refused(tmp_path):
    seeded = ensemble(tmp_path, TWO.replace("'SEED=7'", "'Recipe.seed=7'") + "Ensemble.seeds = (7, 8)\n")
    with pytest.raises(UserError, match=r"Member b_8 would be trained with seed 7: leave out Recipe\.seed"):
        training.train_ensemble(seeded, tmp_path / "r")
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("text, message", [
    (TWO.replace("'b'", "'a'"), "named twice: a"),
    (TWO.replace("('a',)", "('m1.gin', 'SEED=1')"), r"a member is \('NAME', .*, not \('m1.gin', 'SEED=1'\)"),
    (TWO.replace("('a',)", "'a'"), "Ensemble.members is a list like"),
    (TWO.replace("('a',)", "('../a',)"), "'../a' is no name of a folder"),
    (TWO.replace("('a',)", "('a ',)"), "'a ' is no name of a folder"),
    (TWO.replace("('a',)", "('a', 'm1')"), "a has m1: neither a file, FILE.gin, nor a binding"),
    (TWO.replace("('a',)", "()"), r"a member is .*, not \(\)"),
    (TWO + "Ensemble.members = ()", "there are none"),
    (TWO + "Ensemble.only = ()", "Ensemble.only names no member"),
    (TWO + "Ensemble.only = []", "Ensemble.only names no member"),
    (TWO + "Ensemble.only = ('b', 'c')", r"Ensemble.only: there is no member c. There are: a, b"),
    (TWO.replace("'b'", "'best'") + "Ensemble.only = ('bst',)", r"there is no member bst: did you mean best\?"),
])  # fmt: skip
def test_what_names_no_members_is_refused(tmp_path, text, message):
    with pytest.raises((UserError, ConfigError), match=message):
        ensemble(tmp_path, text)


@pytest.mark.parametrize("by", [training.train_ensemble, train_ensemble_by_ray])
def test_members_that_take_noisy_clips_are_named_where_there_are_none(tmp_path, write_clips, by):
    folder = write_clips("fname,labels\na.wav,Cat\nb.wav,Dog\n", ["a.wav", "b.wav"])
    taking = ensemble(tmp_path, TWO.replace("curated_only", "noisy_then_refit") + "Ensemble.seeds = (1, 2)")
    with pytest.raises(UserError, match=r"no noisy clips, and members take some: b; name those in .*without: a$"):
        by(taking, tmp_path / "r", training.Inputs(folder))
    assert not (tmp_path / "r").exists()


def test_a_binding_for_a_part_that_is_made_later_is_for_the_members(tmp_path):
    given = ["Stage.augmentations=(@strong/MixUp,)", "strong/MixUp.alpha=0.2"]
    assert set(check_members(ensemble(tmp_path), given)) == {"a", "b"}


def test_what_is_wrong_with_a_later_member_is_said_before_the_first_is_trained(tmp_path, synthetic, cache_dir):
    for right, wrong, message in (
        ("'curated_only.gin'", "'m77.gin'", "No configuration m77.gin"),
        ("'SEED=7'", "'fit/Stage.stps=7'", "Stage has no parameter stps"),
        ("'SEED=7'", "'BATCH_SIZE=0'", "Recipe.batch_size is from 1"),
    ):
        with pytest.raises((ConfigError, UserError), match=f"^Member b: .*{message}"):
            training.train_ensemble(ensemble(tmp_path, TWO.replace(right, wrong)), tmp_path / "r")
        assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("given, message", [
    (["fitt/Stage.steps=5"], "No member reads --gin_param fitt/Stage.steps=5"),
    (["Recipe.scorer_run='a'", "Ensemble.only=('b',)"], "Member b is scored by a, which is neither there nor trained"),
    (["Recipe.scorer_run='b'"], "Member a is scored by b, which is neither there nor trained before"),
    (["Recipe.scorer_run='b'", "Ensemble.only=('b',)"], "Member b is scored by b, which is neither there nor trained"),
    (["fit/MixUp.alpha=0.2"], "No member reads --gin_param fit/MixUp.alpha=0.2"),  # of a stage that has this name
    (["Ensemble.members=(('a',), ('b', 'best5k.gin', \"Recipe.scorer_run='a'\", 'LogMel.n_mels=32'))"],
     "b is scored by a, which has another FrontEnd: give b Recipe.scorer_run = None"),
])  # fmt: skip
def test_what_no_member_can_have_is_said_before_the_first_is_trained(tmp_path, given, message):
    (tmp_path / "two.gin").write_text(TWO.replace("TINY", str(Path(__file__).with_name("tiny.gin"))))
    config.load([str(tmp_path / "two.gin")], given)
    with pytest.raises((UserError, ConfigError), match=message):
        training.train_ensemble(config.make("Ensemble"), tmp_path / "r", gin_params=given)
    assert not (tmp_path / "r").exists()
