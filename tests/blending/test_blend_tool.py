"""The command blend: what it writes and prints, and one line and status 2 for what a user can mend."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fake_runs import make_scored_run

from fat_tf import commands, config
from fat_tf.blending.blend import FITTED
from fat_tf.blending.cross_validation import CrossValidation
from fat_tf.blending.decorrelation import Decorrelate
from fat_tf.blending.rules import RULES
from fat_tf.blending.stacking import Stack
from fat_tf.blending.weights import Greedy, Optimize
from fat_tf.runs.score_table import ScoreTable, read_scores, write_scores

CLASSES = ("Bark", "Rain", "Siren", "Bell")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with the runs r1 to r3, train.csv, test.csv, and r1's and r2's test scores as a.csv and b.csv."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for part, file, clips in (("train", "oof_scores.csv", 40), ("test", "test_scores.csv", 12)):
        fnames = tuple(f"{part}{i}.wav" for i in range(clips))
        labels = rng.integers(0, len(CLASSES), clips)
        lines = [f"{fname},{CLASSES[k]}\n" for fname, k in zip(fnames, labels, strict=True)]
        Path(f"{part}.csv").write_text("fname,labels\n" + "".join(lines))
        for run in ("r1", "r2", "r3"):
            Path(run).mkdir(exist_ok=True)
            scores = 0.4 * np.eye(len(CLASSES))[labels] + 0.6 * rng.random((clips, len(CLASSES)))
            write_scores(f"{run}/{file}", ScoreTable(run, fnames, CLASSES, scores))
    for run, name in (("r1", "a.csv"), ("r2", "b.csv")):
        Path(name).write_text(Path(run, "test_scores.csv").read_text())
    return tmp_path


@pytest.fixture
def blend(here, call):
    """Runs the command; returns (status, stdout, stderr)."""

    def run(*arguments: str) -> tuple[int, str, str]:
        done = call("blend", *arguments)
        return done.returncode, done.stdout, done.stderr

    return run


def test_plain_command_blends_two_files(here, tool):
    done = tool("blend", "a.csv", "b.csv", "--output=blend.csv", "--truth=test.csv")
    assert done.returncode == 0, done.stderr
    expected = (read_scores("a.csv").scores + read_scores("b.csv").scores) / 2
    np.testing.assert_allclose(read_scores("blend.csv").scores, expected, rtol=1e-15)
    assert "On 12 blended clips with the labels of test.csv; [95 % bootstrap intervals]\nBlend: lwlrap " in done.stdout
    assert done.stdout.endswith("Written: blend.csv, 12 clips\n")


def test_logs_beside_the_members_of_an_ensemble_are_passed_over(blend, here):
    (here / "logs").mkdir()
    assert blend("logs", "r1", "r2", "--output=blend.csv")[0] == 0
    expected = (read_scores("r1/test_scores.csv").scores + read_scores("r2/test_scores.csv").scores) / 2
    np.testing.assert_allclose(read_scores("blend.csv").scores, expected, rtol=1e-15)


@pytest.fixture
def knowing(here):
    """Makes r1 a run that knows its labels, of training clips and perhaps of test clips."""

    def make(with_test: bool) -> None:
        labels = {part: dict(pd.read_csv(f"{part}.csv").to_numpy()) for part in ("train", "test")}
        labels["test"] = labels["test"] if with_test else dict.fromkeys(labels["test"], "")
        scores = {name: read_scores(f"r1/{name}") for name in ("oof_scores.csv", "test_scores.csv")}
        shutil.rmtree("r1")
        make_scored_run(Path("r1"), {"curated": labels["train"], "test": labels["test"]}, scores)

    return make


@pytest.mark.parametrize("with_test, clips", [(False, "40 out-of-fold"), (True, "12 blended")])
def test_runs_need_no_truth(knowing, blend, with_test, clips):
    knowing(with_test)
    status, out, err = blend("r1", "r2", "--output=blend.csv")
    assert status == 0 and f"On {clips} clips with the labels of r1; [95 %" in out, err
    status, out, err = blend("r1", "r2", "--output=blend.csv", "--method=greedy")
    assert status == 0 and "On 40 out-of-fold clips with the labels of r1; [95 %" in out, err
    assert "On 12 blended clips with the labels of test" in blend("r1", "r2", "--output=c.csv", "--truth=test.csv")[1]


def test_a_run_that_does_not_know_labels_of_these_clips_judges_nothing(knowing, blend):
    knowing(False)
    status, out, err = blend("r1", "b.csv", "--output=blend.csv")
    assert status == 0 and "lwlrap" not in out, err


@pytest.mark.parametrize("method", [*RULES, *FITTED])
def test_every_method_blends_runs(blend, method):
    weights = ["--weights=1,2,3"] * (method == "weighted")
    flags = [f"--method={method}", "--truth=train.csv", "--output=out/blend.csv", *weights]
    status, out, err = blend("r1", "r2", "r3", *flags)
    assert status == 0, err
    assert read_scores("out/blend.csv").fnames == read_scores("r1/test_scores.csv").fnames
    assert "On 40 out-of-fold clips with the labels of train.csv" in out
    assert ("Cross-validated, not fitted" in out) == (method in FITTED)


def test_help_names_every_method(capsys):
    with pytest.raises(SystemExit, match="0"):
        commands.main(["blend", "--help"])
    out = capsys.readouterr().out
    assert f"{{{','.join([*RULES, *FITTED])}}}" in "".join(out.split())


def test_shipped_configuration_binds_every_value_as_it_is_by_default():
    config.load(["blend.gin"])
    names = ("Optimize", "Greedy", "Decorrelate", "Stack", "CrossValidation")
    assert [config.make(name) for name in names] == [Optimize(), Greedy(), Decorrelate(), Stack(), CrossValidation()]
    fields = {f"{name}.{field}" for name in names for field in vars(config.make(name))}
    assert all(config.is_bound(field) for field in fields)


def test_values_of_the_command_line_reach_the_method(blend):
    flags = ["--method=decorrelate", "--truth=train.csv", "--output=blend.csv"]
    status, out, _ = blend("r1", "r2", "r3", *flags, "--gin_param=Decorrelate.number=1")
    assert status == 0 and sorted(json.loads(line.split()[3]) for line in out.splitlines()[1:4]) == [0, 0, 1]


@pytest.mark.parametrize("arguments, says", [
    ("a.csv b.csv --method=median", "argument --method: invalid choice: 'median'"),
    ("a.csv b.csv --method=weighted --weights=1,x", "argument --weights: invalid numbers value: '1,x'"),
    ("a.csv", "two score files or run directories at least"),
    ("a.csv c.csv", "c.csv cannot be read as CSV"),
    ("a.csv r1/oof_scores.csv", "a.csv and r1/oof_scores.csv have different clips: a.csv alone has test0.wav"),
    ("a.csv b.csv --method=weighted", "--method=weighted and --weights=0.7,0.3 (one a member) go together"),
    ("a.csv b.csv --weights=1,1", "--method=weighted and --weights=0.7,0.3 (one a member) go together"),
    ("a.csv b.csv --method=weighted --weights=1,1,1", "--weights has 3 values for 2 members"),
    ("a.csv b.csv --method=weighted --weights=1,-1", "they are 1.0, -1.0"),
    ("a.csv b.csv --method=weighted --weights=0,0", "not all of them 0"),
    ("r1 r2 --method=optimize", "--method=optimize is fitted: give --truth"),
    ("a.csv b.csv --oof=r1", "--oof needs --truth"),
    ("a.csv b.csv --method=greedy --oof=r1 --truth=train.csv", "--oof is given 1 times for 2 members"),
    ("a.csv r2 --method=greedy --truth=train.csv", "Some members are runs and others files"),
    ("a.csv b.csv --method=greedy --truth=train.csv", "train.csv has no labels for clips of a.csv: test0.wav"),
    ("r1 r2 --method=greedy --truth=test.csv", "test.csv has no labels for clips of r1/oof_scores.csv: train0.wav"),
    ("r1 . --truth=test.csv", ". has no test_scores.csv: finish that run first"),
    ("r1 done", "done has no test_scores.csv, as its data set has no test clips: name its oof_scores.csv"),
    ("r1 r2 --method=optimize --truth=train.csv --gin_param=Optimize.seed=-1", "Optimize.seed is from 0 to 4294967295"),
    ("a.csv b.csv --oof=other.csv --oof=others.csv --truth=train.csv", "have different classes: Meow, Rain"),
    ("r1 r2 --method=greedy --truth=train.csv --gin_param=Greedy.round=3", "did you mean Greedy.rounds?"),
    ("r1 r2 --method=greedy --truth=train.csv --gin_param=Optimize.seed=3", "reads --gin_param Optimize.seed=3"),
    ("r1 r2 --method=greedy --truth=train.csv --gin_param=Greedy.rounds=0", "Greedy.rounds is from 1 to 10000"),
    ("a.csv b.csv --output=a.csv", "--output=a.csv is one of the inputs"),
    ("a.csv b.csv --output=r1/../b.csv", "--output=r1/../b.csv is one of the inputs"),
    ("r1 r2 --truth=test.csv --output=r1/oof_scores.csv", "--output=r1/oof_scores.csv is one of the inputs"),
    ("r1 r2 --output=r2/oof_scores.csv", "--output=r2/oof_scores.csv is one of the inputs"),
    ("a.csv b.csv --truth=test.csv --output=test.csv", "test.csv is another table, which would be lost"),
    ("a.csv b.csv --output=r1", "Cannot write r1: it is a folder, give a file in it"),
    ("a.csv b.csv --output=a.csv/blend.csv", "Cannot write a.csv/blend.csv"),
])  # fmt: skip
def test_wrong_usage_is_one_line_and_status_2_and_nothing_is_written(here, blend, arguments, says):
    for name in ("other.csv", "others.csv"):
        Path(name).write_text(Path("r1/oof_scores.csv").read_text().replace("Rain", "Meow"))
    Path("done").mkdir()
    Path("done/metrics.json").touch()
    before = {file: file.read_text() for file in here.rglob("*") if file.is_file()}
    status, _, err = blend("--output=blend.csv", *arguments.split())
    assert status == 2 and says in err and "Traceback" not in err
    assert len([line for line in err.splitlines() if "rror: " in line]) == 1
    assert {file: file.read_text() for file in here.rglob("*") if file.is_file()} == before
