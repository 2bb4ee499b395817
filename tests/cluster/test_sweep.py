"""What a sweep draws and tells; most of it needs no Ray."""

from importlib.util import find_spec
from types import SimpleNamespace

import pytest
from fake_runs import manifest

from fat_tf import config
from fat_tf.cluster.sweep import Sweep, Trial
from fat_tf.cluster.sweep_table import sweep_lines, sweep_table, write_sweep
from fat_tf.cluster.trials import Reports, train_trial
from fat_tf.errors import UserError
from fat_tf.runs.found import find_runs
from fat_tf.runs.manifest import write_manifest
from fat_tf.runs.overview import overview

HISTORY = "stage,epoch,lr,loss,val_loss,lwlrap,val_lwlrap,seconds,clips_per_second\n"
needs_tune = pytest.mark.skipif(
    not (find_spec("ray") and find_spec("pyarrow")), reason="needs Ray Tune: pip install -e '.[cluster]'"
)


def make_trial(folder, name: str, worth: list[float], metrics: str | None = None) -> None:
    (folder / name / "fold_0").mkdir(parents=True)
    write_manifest(folder / name, manifest())
    rows = "".join(f"fit,{epoch},0.001,1,1,0.5,{value},1,10\n" for epoch, value in enumerate(worth, start=1))
    (folder / name / "fold_0" / "history.csv").write_text(HISTORY + rows)
    if metrics:
        (folder / name / "metrics.json").write_text(metrics)


@pytest.fixture
def trials(tmp_path) -> list[Trial]:
    make_trial(tmp_path, "trial_000", [0.3, 0.5, 0.45], '{"lwlrap": 0.4}')
    make_trial(tmp_path, "trial_001", [0.2])
    (tmp_path / "trial_001" / "stopped_early").touch()
    make_trial(tmp_path, "trial_002", [0.3, 0.6])
    return [Trial(f"trial_{n:03d}", {"WIDTH": 2**n, "Recipe.loss": "@Lsep"}) for n in range(4)]


def test_the_best_trial_comes_first_and_is_a_configuration(trials, tmp_path):
    found = sweep_table(trials, tmp_path, fold=0)
    assert found["trial"].tolist() == ["trial_002", "trial_000", "trial_001"]  # the fourth has no epoch
    assert found["val_lwlrap"].tolist() == [0.6, 0.5, 0.2] and found["epochs"].tolist() == [2, 3, 1]
    assert found["state"].tolist() == ["interrupted", "finished", "stopped early"]
    lines = sweep_lines(found, 100)
    assert lines[1].split() == ["trial", "val_lwlrap", "WIDTH", "Recipe.loss", "lwlrap", "epochs", "state"]
    best = write_sweep(found, trials, tmp_path)
    config.load(["m1.gin", str(best)])
    assert "\nWIDTH = 4" in best.read_text() and "Recipe.loss = @Lsep" in config.parsed()
    assert (tmp_path / "sweep.csv").read_text().splitlines()[1].startswith("trial_002,0.6,,2,interrupted,4,@Lsep")


def test_a_trial_that_was_stopped_says_so_among_the_runs(trials, tmp_path):
    states = {run.name: overview(run).state for run in find_runs(tmp_path)}
    assert states["trial_001"] == "stopped early"


def test_nothing_was_trained(tmp_path):
    with pytest.raises(UserError, match="has ended an epoch"):
        sweep_table([Trial("trial_000", {})], tmp_path, 0)


def test_epochs_are_reported_once_as_the_best_so_far(tmp_path, monkeypatch):
    seen = []
    tune = SimpleNamespace(report=lambda row: seen.append((row["epoch"], row["val_lwlrap"])))
    monkeypatch.setitem(__import__("sys").modules, "ray", SimpleNamespace(tune=tune))
    make_trial(tmp_path, "trial_000", [0.3, 0.5])
    reports = Reports(tmp_path / "trial_000" / "fold_0")
    reports.new()
    with open(tmp_path / "trial_000" / "fold_0" / "history.csv", "a") as file:
        file.write("fit,3,0.001,1,1,0.5,0.4,1,10\n")
    reports.new()
    assert seen == [(1, 0.3), (2, 0.5), (3, 0.5)]
    (tmp_path / "trial_000" / "stopped_early").touch()  # what others were better than is not trained on
    train_trial(Trial("trial_000", {}), SimpleNamespace(folder=tmp_path, fold=0))
    assert seen[3:] == seen[:3]


@pytest.mark.parametrize("param, says", [
    ("Sweep.space = {}", "Sweep.space is like"),
    ("Sweep.space = {'WIDTH': 4}", "WIDTH is drawn from a distribution, like"),
    ("Sweep.space = {'WIDTH': ('chioce', [4])}", "WIDTH has no distribution chioce: did you mean choice"),
    ("Sweep.trials = 0", "trials and first_epochs are 1 or more"),
    ("Sweep.factor = 1.0", "factor above 1, not 16, 5, 1.0"),
    ("Sweep.trials = 2.5", "Sweep.trials is a whole number, not 2.5"),
])  # fmt: skip
def test_settings_that_make_no_sense(param, says):
    with pytest.raises((UserError, config.ConfigError), match=says):
        config.load(["m1.gin", "sweep.gin"], [param])
        config.make("Sweep")


def test_without_ray_tune_the_remedy_is_said(call, tmp_path, synthetic, monkeypatch):
    monkeypatch.setattr("fat_tf.cluster.connection.find_spec", lambda name: name == "ray")
    done = call("sweep", "--gin_file=m1.gin", f"--data_dir={synthetic}", f"--run_dir={tmp_path / 's'}")
    assert done.returncode == 2 and "A sweep needs Ray Tune: pip install 'fat_tf[cluster]'" in done.stderr
    assert done.stderr.count("\n") == 1 and not (tmp_path / "s").exists()


@needs_tune
def test_draws_are_in_their_ranges_and_the_same_for_a_seed():
    space = {"a": ("loguniform", 1e-4, 1e-2), "b": ("choice", [16, "@x"]), "c": ("randint", 1, 5)}
    few, many = Sweep(space, trials=5, seed=3).draw(), Sweep(space, trials=40, seed=3).draw()
    assert many[:5] == few and Sweep(space, trials=5, seed=4).draw() != few
    values = [trial.values for trial in many]
    assert all(1e-4 <= value["a"] <= 1e-2 and type(value["a"]) is float for value in values)
    assert {value["b"] for value in values} == {16, "@x"} and {value["c"] for value in values} == {1, 2, 3, 4}
    assert few[0].bindings[0] == f"a = {few[0].values['a']!r}"


@needs_tune
def test_a_space_with_fewer_values_than_trials():
    drawn = Sweep({"WIDTH": ("choice", [8, 16, 32])}, trials=10).draw()
    assert sorted(trial.values["WIDTH"] for trial in drawn) == [8, 16, 32]


@needs_tune
@pytest.mark.parametrize("given, says", [
    (("loguniform", 0.0, 1.0), "by loguniform.lower, upper, base."),
    (("uniform", 1.0), "missing 1 required positional argument"),
    (("choice", []), "by choice.categories."),
])  # fmt: skip
def test_arguments_that_a_distribution_does_not_take(given, says):
    with pytest.raises(UserError, match=says):
        Sweep({"WIDTH": given}).draw()
