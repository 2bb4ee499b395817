"""config: where files are looked up, and one line with the right spelling for what is wrong in them."""

import pytest

from fat_tf import config

BASE = config.PACKAGE.parent / "gin" / "base.gin"


def test_files_are_looked_up_as_given_then_in_the_repository(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert config.find("m3.gin") == BASE.parent / "models" / "m3.gin"
    (tmp_path / "m3.gin").write_text("include 'base.gin'\nRecipe.model = @m0\n")
    config.load(["m3.gin"])
    assert config.make("Recipe").model.__name__ == "m0"
    with pytest.raises(
        config.ConfigError, match=r"^No configuration nothing; there are: audit.gin, base.gin, .*m3.gin"
    ):
        config.find("nothing")
    with pytest.raises(config.ConfigError, match=r"^No configuration best5.gin: did you mean best5k.gin\?$"):
        config.find("best5.gin")


def test_later_files_and_parameters_win(tmp_path):
    (tmp_path / "more.gin").write_text("EPOCHS = 7\nBATCH_SIZE = 5\n")
    config.load(["m1.gin", str(tmp_path / "more.gin")], ["BATCH_SIZE = 9"])
    recipe = config.make("Recipe")
    assert (recipe.stages[0].schedule.epochs, recipe.batch_size) == (7, 9)


AS_IT_STANDS = [  # shown by `check` already, which imports nothing
    ("EPOCHS", "a binding is a name and a value, like EPOCHS=60 or MixUp.alpha=0.4"),
    ("EPOCHS =", "a binding is a name and a value"),
    ("=3", "a binding is a name and a value"),
    ("Recipe.=3", "a binding is a name and a value"),
    ("EPOCHS = = 3", "not NAME = VALUE"),
    ("WIDTH=abc", "a number is wanted, like WIDTH=64"),
    ("Recipe.precision=float32", "a text needs quotes: Recipe.precision='float32'"),
    ("Recipe.model=m1", "did you mean Recipe.model=@m1?"),
    ("Recipe.baseline=true", "did you mean Recipe.baseline=True?"),
    ("EPOCHS=60 WIDTH=16", "one binding each: give --gin_param once more for the other"),
    ("EPOCHS=60,WIDTH=16", "one binding each: "),
    ("MixUp.alpha=0,4", "numbers have a point, like MixUp.alpha=0.4, and lists brackets, like (0,4)"),
    ("Recipe.folds=(0,1", "a bracket or a quote is opened and never closed"),
    ("Recipe.precision='float32", "a quote is opened and never closed"),
    ("Recipe.seed=%SEEDS", "there is no macro SEEDS: did you mean SEED?"),
    ("WIDHT=16", "nothing reads WIDHT: did you mean WIDTH?"),
    ("epochs=3", "nothing reads epochs: did you mean EPOCHS?"),
    ("Recipe=3", "nothing reads Recipe; a parameter is bound like MixUp.alpha=0.4"),
]
ONCE_IMPORTED = [
    ("MixUp.alfa=1.0", "MixUp has no parameter alfa: did you mean MixUp.alpha?"),
    ("MixUp.xyz=1.0", "MixUp has no parameter xyz; it has: alpha, per_clip, "),
    ("Mixup.alpha=1.0", "there is no Mixup: did you mean MixUp?"),
    ("fit/Stag.name='x'", "there is no Stag: did you mean Stage?"),
    ("Recipe.model=@m17", "there is no m17: did you mean m1?"),
    ("Recipe.epoch=3", "Recipe has no parameter epoch; it has: "),
    ("BATCH_SIZE='64'", "Recipe.batch_size is a whole number, not '64'"),
    ("EPOCHS=2.5", "WarmupCosine.epochs is a whole number, not 2.5"),
    ("LogMel.n_mels=64.0", "LogMel.n_mels is a whole number, not 64.0"),
    ("Recipe.seed=None", "Recipe.seed is a whole number, not None"),
    ("Recipe.seed=True", "Recipe.seed is a whole number, not True"),
    ("Recipe.precision=32", "Recipe.precision is a text in quotes, not 32"),
    ("Recipe.baseline=1", "Recipe.baseline is True or False, not 1"),
    ("Recipe.folds=2", "Recipe.folds is a list like (1, …) or None, not 2"),
    ("Recipe.stages=@fit/Stage()", "Recipe.stages is a list like (@name(), …), not @fit/Stage()"),
    ("Recipe.stages=(@fit/Stage,)", "Recipe.stages is a list like (@name(), …), not (@fit/Stage,)"),
    ("Recipe.selection=@NoisySelection", "Recipe.selection is a part like @name() or None, not @NoisySelection"),
    ("Recipe.front_end=@FrontEnd", "Recipe.front_end is a part like @name(), not @FrontEnd"),
    ("Recipe.front_end=@LogMel()", "Recipe.front_end is a part like @name(), not @LogMel()"),
    ("Recipe.optimiser=@CoupledAdam()", "Recipe.optimiser is a part like @name, not @CoupledAdam()"),
    ("WIDTH=@m3", "m3.width is a whole number, not @m3"),
    ("Recipe.model='m3'", "Recipe.model is a part like @name, not 'm3'"),
    ("MixUp.alpha=1e999", "MixUp.alpha is to be a finite number"),
    ("Recipe.normalisation=(0.0, 1e999)", "Recipe.normalisation is to be a finite number"),
    ("MixUp.alpha='0.4'", "MixUp.alpha is a number, not '0.4'"),
]


@pytest.mark.parametrize("param, says", AS_IT_STANDS + ONCE_IMPORTED)
def test_a_wrong_parameter_is_one_line_that_names_it_and_what_was_meant(param, says):
    with pytest.raises(config.ConfigError) as raised:
        config.load(["m3.gin"], [param])
    assert raised.value.message.startswith(f"--gin_param {param}: {says}") and "\n" not in raised.value.message


@pytest.mark.parametrize("param, says", AS_IT_STANDS)
def test_what_shows_as_it_stands_is_said_before_anything_is_imported(param, says):
    with pytest.raises(config.ConfigError) as raised:
        config.check(["m3.gin"], [param])
    assert raised.value.message.startswith(f"--gin_param {param}: {says}")


@pytest.mark.parametrize("text, says", [
    ("include 'm3.gin'\nWIDTH = abc\n", "mine.gin, line 2: WIDTH = abc: a number is wanted, like WIDTH=64"),
    ("include 'm3.gin'\n\nMixUp.alfa = 1\n", "mine.gin, line 3: MixUp has no parameter alfa: did you mean"),
    ("include 'm3.gin'\nRecipe.stages = (@fit/Stage(),\n", "mine.gin: a bracket or a quote is opened and never closed"),
    ("include 'm33.gin'\n", "No configuration m33.gin: did you mean m3.gin?"),
    ("include 'mine.gin'\n", "mine.gin includes itself"),
    ("import no_such_module\n", "mine.gin: import no_such_module: there is no no_such_module.py in "),
    ("this is no gin\n", "mine.gin, line 1: this is no gin: not NAME = VALUE"),
    ("A = %B\nB = %A\ninclude 'm3.gin'\nRecipe.seed = %A\n", "mine.gin, line 1: the macro A stands for itself"),
])  # fmt: skip
def test_what_is_wrong_in_a_file_has_its_line(tmp_path, monkeypatch, text, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.gin").write_text(text)
    with pytest.raises(config.ConfigError) as raised:
        config.load(["mine.gin"])
        config.make("Recipe")
    assert raised.value.message.startswith(says) and "\n" not in raised.value.message


def test_values_that_fit_are_taken():
    params = [
        "MixUp.alpha=1",
        "NoisySelection.cap=None",
        "Recipe.normalisation=(-40, 20.5)",
        "LogMel.n_fft=(960, 1920)",
    ]
    config.load(
        ["m3.gin"], [*params, "Recipe.folds=[0]", "Recipe.scorer_run='a'", "NEW=0.5", "Recipe.inner_share=%NEW"]
    )
    assert config.make("Recipe").normalisation == (-40, 20.5)


def test_a_stage_that_nothing_binds_is_another_one_misspelt():
    config.load(["m3.gin"], ["Recipe.stages=(@fti/Stage(),)"])
    with pytest.raises(
        config.ConfigError, match=r"^Configuration: fti/Stage lacks name, schedule: did you mean fit\?$"
    ):
        config.make("Recipe")


@pytest.mark.parametrize("files", [["best5k.gin"], ["best5k.gin", "m3.gin"]])
def test_a_strategy_needs_a_model_before_it(files):
    with pytest.raises(
        config.ConfigError, match=r"best5k.gin has no model: .*--gin_file=m3.gin --gin_file=best5k.gin$"
    ):
        config.check(files, [], trains=True)
    config.check(["m3.gin", "best5k.gin"], [], trains=True)
    config.check(["strategies.gin"], ["EPOCHS=3"], trains=True)


@pytest.mark.parametrize("files, message", [
    (["m3.gin", "strategies.gin"], r"^m3.gin, line \d+: .* do not read Recipe.model: name a file"),
    (["strategies.gin", "beyond_curated.gin"], r"^beyond_curated.gin, line \d+: .* do not read WarmupCosine.peak: "),
    (["strategies.gin", "WIDTH = 8"], r"own.gin, line 1: members of an ensemble do not read WIDTH: "),
    (["include 'm1.gin'\nEnsemble.members = (('a',),)"], r"^m1.gin, line \d+: .* do not read Recipe.model: "),
])  # fmt: skip
def test_a_file_that_is_for_the_members_of_an_ensemble_belongs_into_it(tmp_path, files, message):
    (tmp_path / "own.gin").write_text(files[-1])
    files = [file if file.endswith(".gin") else str(tmp_path / "own.gin") for file in files]
    with pytest.raises(config.ConfigError, match=message):
        config.check_of_ensemble(files)
    config.check(files, [], trains=files[0].endswith("m3.gin"))  # for other commands it is no fault


@pytest.mark.parametrize("name", ["ensemble", "strategies", "rounds", "beyond_ablation", "beyond_screen", "m3"])
def test_shipped_ensembles_bind_what_they_read(name):
    config.check_of_ensemble([f"{name}.gin"])


def test_a_parameter_that_nothing_read_is_named_and_its_likely_place():
    config.load(["m3.gin"], ["m1.width = 5"])
    config.make("Recipe")
    config.check_all_read(["Recipe.seed=2019", "EPOCHS=65", "fat_tf.training.recipe.Recipe.seed = 2019"])
    for unread in ("m1.width = 5", "seed=3", "Other.seed=3"):
        with pytest.raises(config.ConfigError, match=f"Nothing in this run reads --gin_param {unread}. "):
            config.check_all_read([unread, "EPOCHS=65"])


def test_a_binding_of_all_stages_is_not_read_where_each_has_its_own():
    given = ["Stage.data='noisy'", "Stage.augmentations=(@MixUp,)"]
    config.load(["m3.gin", "noisy_then_refit.gin"], given)
    stages = config.make("Recipe").stages
    assert [stage.data for stage in stages] == ["noisy", "curated"]
    assert config.unread(given) == given[:1]
    config.load(["m3.gin", "noisy_then_refit.gin"], ["refit/Stage.data='noisy'"])
    config.make("Recipe")
    assert not config.unread(["refit/Stage.data='noisy'"])


def test_no_false_alarm_is_logged(caplog):
    config.load(["m3.gin"])
    assert not caplog.records


def test_a_second_configuration_forgets_the_first():
    config.load(["m3.gin"], ["EPOCHS = 3"])
    config.load(["m1.gin"])
    assert config.make("Recipe").stages[0].schedule.epochs == 65
