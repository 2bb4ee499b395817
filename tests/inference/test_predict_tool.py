"""The command predict, alone and in a row with the other tools."""

import json

import numpy as np
import pandas as pd
import pytest
from fake_runs import TINY_GIN

from fat_tf.inference.score_writer import ScoreWriter
from fat_tf.runs.score_table import read_scores


@pytest.fixture
def sounds(tmp_path, synthetic):
    """Two good clips and a text that is called a sound."""
    folder = tmp_path / "sounds"
    (folder / "deep").mkdir(parents=True)
    for place, clip in zip(("a.wav", "deep/b.wav"), sorted((synthetic / "test").iterdir()), strict=False):
        (folder / place).write_bytes(clip.read_bytes())
    (folder / "text.wav").write_text("no sound")
    return folder


def test_what_cannot_be_read_has_no_scores_unless_they_are_told(call, runs, sounds, tmp_path):
    arguments = [f"--run_dir={runs / 'a'}", f"--audio={sounds}", f"--output={tmp_path / 's.csv'}"]
    done = call("predict", *arguments)
    assert done.returncode == 3 and "2 of 3 clips scored" in done.stdout, done.stderr
    scores = read_scores(tmp_path / "s.csv")
    assert scores.fnames == ("a.wav", "deep/b.wav")
    errors = pd.read_csv(tmp_path / "s.csv.errors.csv")
    assert errors["fname"].tolist() == ["text.wav"] and "not a readable sound file" in errors["error"][0]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["s.csv", "s.csv.errors.csv", "sounds"]
    filled = call("predict", *arguments, "--allow_missing=0")
    assert filled.returncode == 0 and "they have 0.0 for every class" in filled.stdout
    again = read_scores(tmp_path / "s.csv")
    assert again.fnames[2] == "text.wav" and not again.scores[2].any()
    np.testing.assert_array_equal(again.scores[:2], scores.scores)


def test_where_nothing_can_be_read_nothing_is_left(call, runs, sounds, tmp_path):
    places = f"--run_dir={runs / 'a'}", f"--audio={sounds / 'text.wav'}", f"--output={tmp_path / 's.csv'}"
    done = call("predict", *places)
    assert done.returncode == 2 and "None of the 1 clips can be read" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["sounds"]


def test_resume_scores_what_changed_and_a_second_process_stops(call, runs, sounds, tmp_path, monkeypatch):
    output = tmp_path / "s.csv"
    arguments = [f"--run_dir={runs / 'a'}", f"--audio={sounds}", f"--output={output}", "--resume"]
    finish = ScoreWriter._finish
    monkeypatch.setattr(ScoreWriter, "_finish", lambda writer: (_ for _ in ()).throw(KeyboardInterrupt))
    done = call("predict", *arguments)
    assert done.returncode == 130 and "--resume goes on" in done.stderr
    (sounds / "a.wav").write_bytes((sounds / "deep" / "b.wav").read_bytes())
    (sounds / "c.wav").write_bytes((sounds / "a.wav").read_bytes())
    monkeypatch.setattr(ScoreWriter, "_finish", finish)
    with ScoreWriter(output, ("Bark",), "of another model", None) as other:
        other.begin([], False)
        done = call("predict", *arguments)
        assert done.returncode == 2 and f"Another process writes {output}" in done.stderr
    done = call("predict", *arguments)
    assert done.returncode == 3 and "4 clips, 1 of them scored before by the same models" in done.stdout, done.stderr
    scores = read_scores(output)
    assert sorted(scores.fnames) == ["a.wav", "c.wav", "deep/b.wav"]
    np.testing.assert_array_equal(scores.scores, scores.scores[[0, 0, 0]])


def test_without_an_output_the_tags_are_printed_by_the_newest_run(call, runs, sounds):
    done = call("predict", str(sounds / "a.wav"), "--top=2", cwd=runs.parent)
    assert done.returncode == 2 and "runs/ has no finished run" in done.stderr
    done = call("predict", str(sounds / "a.wav"), "--top=2", f"--run_dir={runs / 'a'}")
    assert done.returncode == 0 and done.stdout.splitlines()[1].startswith("a.wav: ")
    assert done.stdout.splitlines()[1].count(",") == 1


@pytest.mark.parametrize("arguments, message", [
    ([], "Give sounds"),
    (["nowhere.wav", "--run_dir=."], "nowhere.wav is not there"),
    (["x.csv", "--run_dir=."], "cannot be read as CSV"),
    (["a.wav", "--top=0"], "--top must be 1 or more"),
    (["a.wav", "--allow_missing=nan"], "argument --allow_missing: invalid finite value: 'nan'"),
    (["a.wav", "--allow_missing=-inf"], "argument --allow_missing: invalid finite value: '-inf'"),
    (["a.wav", "--run_dir=run", "--gin_param=Prediction.window=3"], "Prediction.window"),
])  # fmt: skip
def test_wrong_usage_is_one_line_and_status_2(call, tmp_path, arguments, message):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "labels.csv").write_text("index,label\n0,Bark\n")
    (tmp_path / "x.csv").touch()
    (tmp_path / "a.wav").touch()
    done = call("predict", *arguments, cwd=tmp_path)
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
def test_from_training_to_a_judged_blend(call, synthetic, cache_dir, tmp_path):
    quick = ["EPOCHS=2", "WIDTH=2", "FrontEnd.window_seconds=1.0", "Recipe.precision='float32'", "BATCH_SIZE=16"]
    quick = [f"--gin_param={param}" for param in [*quick, "Board.share=0.0"]]
    places = [f"--data_dir={synthetic}", f"--cache_dir={cache_dir}"]
    truth = synthetic / "test.csv"
    for name, gin_file in {"m1": "m1.gin", "tiny": TINY_GIN}.items():
        done = call("train", f"--gin_file={gin_file}", *places, *quick, f"--run_dir={tmp_path / name}", "--folds=0,1")
        assert done.returncode == 0, done.stderr
        arguments = [f"--audio={synthetic / 'test'}", f"--output={tmp_path / name}.csv"]
        done = call("predict", f"--run_dir={tmp_path / name}", *arguments)
        assert done.returncode == 0, done.stderr
        ours, run = read_scores(tmp_path / f"{name}.csv"), read_scores(tmp_path / name / "test_scores.csv")
        ours = ours.ordered(run.fnames, run.vocabulary)
        np.testing.assert_allclose(ours.scores, run.scores, atol=5e-3)  # the run's log-mels are float16
    blend = f"--output={tmp_path / 'blend.csv'}"
    done = call("blend", str(tmp_path / "m1.csv"), str(tmp_path / "tiny.csv"), f"--truth={truth}", blend)
    assert done.returncode == 0, done.stderr
    files = [f"--scores={tmp_path / name}.csv" for name in ("blend", "m1", "tiny")]
    done = call("evaluate", *files, f"--truth={truth}", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert 0 < report["lwlrap"] <= 1 and len(report["comparisons"]) == 2
