"""What a sweep draws and tells; most of it needs no Ray."""

from importlib.util import find_spec
from types import SimpleNamespace

import pytest
from fake_runs import manifest

from fat_tf import config
from fat_tf.cluster.sweep import Sweep, Trial
from fat_tf.cluster.sweep_plan import Asked, SweepPlan, swept_alone
from fat_tf.cluster.sweep_table import sweep_lines, sweep_table, write_sweep
from fat_tf.cluster.trials import Reports, train_trial
from fat_tf.errors import UserError
from fat_tf.program import install_line
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
    make_trial(tmp_path, "trial_000", [0.3, 0.5, 0.45], '{"lwlrap": 0.4, "steps": [3], "seconds": 1}')
    make_trial(tmp_path, "trial_001", [0.2])
    (tmp_path / "trial_001" / "fold_0" / "stopped_early").touch()
    make_trial(tmp_path, "trial_002", [0.3, 0.6])
    return [Trial(f"trial_{n:03d}", {"WIDTH": 2**n, "Recipe.loss": "@Lsep"}) for n in range(4)]


def found_in(folder, trials: list[Trial], by_last: bool = False, failed=()):
    return sweep_table(SweepPlan(None, tuple(trials), by_last), Asked(folder, 0, by_last, (), (), None, None), failed)


def test_the_best_trial_comes_first_and_is_a_configuration(trials, tmp_path):
    found = found_in(tmp_path, trials)
    assert found["trial"].tolist() == ["trial_002", "trial_000", "trial_001"]  # the fourth has no epoch
    assert found["val_lwlrap"].tolist() == [0.6, 0.5, 0.2] and found["epochs"].tolist() == [2, 3, 1]
    assert found["state"].tolist() == ["interrupted", "finished", "stopped early"]
    assert found_in(tmp_path, trials, failed=["trial_002"])["state"][0] == "failed"
    lines = sweep_lines(found, 100)
    assert lines[1].split() == ["trial", "val_lwlrap", "WIDTH", "Recipe.loss", "lwlrap", "epochs", "state"]
    best = write_sweep(found, trials, tmp_path)
    config.load(["m1.gin", str(best)])
    assert "\nWIDTH = 4" in best.read_text() and "Recipe.loss = @Lsep" in config.parsed()
    assert (tmp_path / "sweep.csv").read_text().splitlines()[1].startswith("trial_002,0.6,,2,interrupted,4,@Lsep")


def test_a_trial_that_was_stopped_says_so_among_the_runs(trials, tmp_path):
    states = {run.name: overview(run).state for run in find_runs(tmp_path)}
    assert states["trial_001"] == "stopped early"


def test_with_last_weights_the_last_epoch_counts(trials, tmp_path):
    assert found_in(tmp_path, trials, by_last=True)["val_lwlrap"].tolist() == [0.6, 0.45, 0.2]


def test_a_damaged_trial_is_a_line(trials, tmp_path):
    (tmp_path / "trial_000" / "metrics.json").write_text("{")
    with pytest.raises(UserError, match=r"trial_000/metrics.json is damaged .* writes it again"):
        found_in(tmp_path, trials)


def test_nothing_was_trained(tmp_path):
    assert found_in(tmp_path, [Trial("trial_000", {})]).empty


def test_epochs_are_reported_once_as_the_best_so_far(tmp_path, monkeypatch):
    seen = []
    tune = SimpleNamespace(report=lambda row: seen.append((row["epoch"], row["val_lwlrap"])))
    monkeypatch.setitem(__import__("sys").modules, "ray", SimpleNamespace(tune=tune))
    make_trial(tmp_path, "trial_000", [0.3, 0.5])
    reports = Reports(tmp_path / "trial_000" / "fold_0", by_last=False)
    reports.new()
    with open(tmp_path / "trial_000" / "fold_0" / "history.csv", "a") as file:
        file.write("fit,3,0.001,1,1,0.5,0.4,1,10\n")
    reports.new()
    assert seen == [(1, 0.3), (2, 0.5), (3, 0.5)]
    (tmp_path / "trial_000" / "fold_0" / "stopped_early").touch()  # what others were better than is not trained on
    train_trial(Trial("trial_000", {}), Asked(tmp_path, 0, True, (), (), None, None))
    assert seen[3:] == [(1, 0.3), (2, 0.5), (3, 0.4)]


@pytest.mark.parametrize("param, says", [
    ("Sweep.space = {}", "Sweep.space is like"),
    ("Sweep.space = {'WIDTH': 4}", "WIDTH is drawn from a distribution, like"),
    ("Sweep.space = {'WIDTH': ('chioce', [4])}", "WIDTH has no distribution chioce: did you mean choice"),
    ("Sweep.trials = 0", "trials and first_epochs are 1 or more"),
    ("Sweep.factor = 1.0", "factor above 1, not 16, 5, 1.0"),
    ("Sweep.trials = 2.5", "Sweep.trials is a whole number, not 2.5"),
    ("Sweep.seed = -1", "Sweep.seed is from 0 to"),
    ("Sweep.space = {'Recipe.loss': ('choice', [@Lsep, @SummedLq])}", "write '@Lsep' in quotes"),
])  # fmt: skip
def test_settings_that_make_no_sense(param, says):
    with pytest.raises((UserError, config.ConfigError), match=says):
        config.load(["m1.gin", "sweep.gin"], [param])
        config.make("Sweep")


def test_without_ray_tune_the_remedy_is_said(call, tmp_path, synthetic, monkeypatch):
    monkeypatch.setattr("fat_tf.cluster.connection.find_spec", lambda name: name == "ray")
    done = call("sweep", "--gin_file=m1.gin", f"--data_dir={synthetic}", f"--run_dir={tmp_path / 's'}")
    assert done.returncode == 2 and f"A sweep needs Ray Tune: {install_line('cluster')}" in done.stderr
    assert done.stderr.count("\n") == 1 and not (tmp_path / "s").exists()


def test_two_sweeps_do_not_share_a_folder(tmp_path):
    with (
        swept_alone(tmp_path / "s"),
        pytest.raises(UserError, match="Another sweep goes on in"),
        swept_alone(tmp_path / "s"),
    ):
        pass
    assert not (tmp_path / "s").exists()


def test_references_of_gin_are_no_texts():
    values = {"a": "@Lsep", "b": "text", "c": ("@SpecAugment", "@MixUp"), "d": (), "e": [1, "x"]}
    said = ["a = @Lsep", "b = 'text'", "c = (@SpecAugment, @MixUp,)", "d = ()", "e = (1, 'x',)"]
    assert Trial("t", values).bindings == said


def test_a_sweep_begins_where_the_cluster_is(call, synthetic):
    done = call("sweep", "--gin_file=m1.gin", f"--data_dir={synthetic}", "--ray_address=ray://10.0.0.5:10001")
    assert done.returncode == 2 and "start a sweep on a machine of the cluster" in done.stderr


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
    (("quniform", 0.0, 1.0, 0), "by quniform.lower, upper, q."),
])  # fmt: skip
def test_arguments_that_a_distribution_does_not_take(given, says):
    with pytest.raises(UserError, match=says):
        Sweep({"WIDTH": given}).draw()
