"""config: where files are looked up, and what unknown names do."""

import pytest

from fat_tf import config

BASE = config.PACKAGE.parent / "gin" / "base.gin"


def test_files_are_looked_up_as_given_then_in_the_repository(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert config.find("m3.gin") == BASE.parent / "models" / "m3.gin"
    (tmp_path / "m3.gin").write_text("include 'base.gin'\nRecipe.model = @m0\n")
    config.load(["m3.gin"])
    assert config.make("Recipe").model.__name__ == "m0"
    with pytest.raises(config.ConfigError, match=r"No configuration m9.gin; there are: base.gin, .*m3.gin"):
        config.find("m9.gin")


def test_later_files_and_parameters_win(tmp_path):
    (tmp_path / "more.gin").write_text("EPOCHS = 7\nBATCH_SIZE = 5\n")
    config.load(["m1.gin", str(tmp_path / "more.gin")], ["BATCH_SIZE = 9"])
    recipe = config.make("Recipe")
    assert (recipe.stages[0].schedule.epochs, recipe.batch_size) == (7, 9)


@pytest.mark.parametrize("param, named", [
    ("Recipe.epoch = 3", "doesn't have a parameter named 'epoch'"),
    ("Recip.seed = 3", "No configurable matching 'Recip'"),
    ("MixUp.alhpa = 3", "doesn't have a parameter named 'alhpa'"),
    ("Recipe.model = @m17", "No configurable matching reference '@m17'"),
    ("EPOCHS = = 3", "Unable to parse value"),
    ("EPOCHS", "expected ':' or '='"),
    ("Recipe.seed = %SEEDS", "SEEDS"),
])  # fmt: skip
def test_unknown_names_are_errors_that_name_them(param, named):
    with pytest.raises(config.ConfigError, match=named) as raised:
        config.load(["m3.gin"], [param])
        config.make("Recipe")
    assert "\n" not in raised.value.message


def test_a_parameter_that_nothing_read_is_named_and_its_likely_place(tmp_path):
    config.load(["m3.gin"], ["m1.width = 5"])
    config.make("Recipe")
    config.check_all_read(["Recipe.seed=2019", "EPOCHS=65", "fat_tf.training.recipe.Recipe.seed = 2019"])
    for unread in ("m1.width = 5", "epochs=3", "seed=3", "Other.seed=3"):
        with pytest.raises(config.ConfigError, match=f"Nothing in this run reads --gin_param {unread}. "):
            config.check_all_read([unread, "EPOCHS=65"])


def test_no_false_alarm_is_logged(caplog):
    config.load(["m3.gin"])
    assert not caplog.records


def test_a_second_configuration_forgets_the_first():
    config.load(["m3.gin"], ["EPOCHS = 3"])
    config.load(["m1.gin"])
    assert config.make("Recipe").stages[0].schedule.epochs == 65
