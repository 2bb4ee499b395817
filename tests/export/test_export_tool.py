"""The command export, and what its parts say."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from fat_tf.errors import UserError
from fat_tf.export import formats
from fat_tf.export.formats import FORMATS, ExportRequest, export_saved_model
from fat_tf.export.truth_check import judge
from fat_tf.export.verification import verify
from fat_tf.inference.clip_list import find_clips
from fat_tf.inference.exported_model import SavedModelPredictor
from fat_tf.inference.predictor import Prediction, Predictor
from fat_tf.inference.run_models import load_runs

BESIDE = {
    "saved_model.pb",
    "variables",
    "labels.txt",
    "model.json",
    "model_card.md",
    "batching_parameters.txt",
    "assets.extra",
}


@pytest.mark.slow
def test_a_blend_in_bfloat16_is_written_beside_the_version_before_and_judged(call, runs, exported, synthetic, tmp_path):
    (tmp_path / "tagger[1]" / "3").mkdir(parents=True)
    command = [
        f"--run_dir={runs / 'a'}",
        f"--run_dir={runs / 'b'}",
        "--weights=7,3",
        f"--output={tmp_path / 'tagger[1]'}",
    ]
    done = call("export", *command, "--precision=bfloat16", f"--truth={synthetic / 'test.csv'}")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "tagger[1]" / "4"
    assert {place.name for place in folder.iterdir()} >= BESIDE
    assert (folder / "assets.extra" / "tf_serving_warmup_requests").stat().st_size > 0
    assert sorted(place.name for place in folder.parent.iterdir()) == ["3", "4"]
    assert "minus that of the runs in float32" in done.stdout and f"Written: {folder}" in done.stdout
    card, about = (folder / "model_card.md").read_text(), json.loads((folder / "model.json").read_text())
    assert "minus that of the runs in float32" in card and about["precision"] == "mixed_bfloat16"
    assert (folder / "labels.txt").read_text().splitlines() == about["labels"]
    clips = find_clips([synthetic / "test"])[:4]
    half, full = (np.stack([c.scores for c in SavedModelPredictor(place)(clips)]) for place in (folder, exported))
    assert 0 < np.abs(half - full).max() < 0.05


@pytest.mark.slow
def test_the_keras_file_scores_a_window(call, runs, tmp_path):
    done = call(
        "export", f"--run_dir={runs / 'a'}", f"--run_dir={runs / 'b'}", f"--output={tmp_path}", "--format=keras"
    )
    assert done.returncode == 0, done.stderr
    assert {place.name for place in tmp_path.iterdir()} == {"model.keras", "labels.txt", "model.json"}
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, 44100).astype(np.float32)
    scores = keras.models.load_model(tmp_path / "model.keras")(sound[None]).numpy()[0]
    predictor = Predictor(load_runs([runs / "a", runs / "b"], "float32"), Prediction())
    np.testing.assert_allclose(scores, predictor.score_sound(sound), atol=1e-5)


@pytest.mark.parametrize(("change", "message"), [
    ({"run_dirs": ["nowhere"]}, "nowhere is no run"),
    ({"weights": [1, 2, 3]}, "one for each of the 2 runs"),
    ({"weights": [1, -1]}, "Weights of 0 or more"),
    ({"weights": [0, 0]}, "not all 0"),
    ({"weights": [1, float("nan")]}, "Weights of 0 or more"),
    ({"truth": "nowhere.csv"}, "nowhere.csv cannot be read as CSV: No such file|leave out --truth"),
    ({"truth": "other.csv"}, "has labels that the model has no column for: Unheard|leave out --truth"),
])  # fmt: skip
def test_what_cannot_be_exported_is_said_and_nothing_left(runs, tmp_path, monkeypatch, change, message):
    monkeypatch.chdir(tmp_path)
    Path("other.csv").write_text("fname,labels\nother.wav,Unheard\n")
    Path("other.wav").touch()
    wanted = {"run_dirs": [runs / "a", runs / "b"], "weights": None, "prediction": Prediction()} | change
    for export in FORMATS.values():
        with pytest.raises(UserError, match=message):
            export(ExportRequest(**wanted), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_windows_of_another_kind_are_refused():
    for other in ({"placement": "whole"}, {"placement": "random"}, {"shared_trunk": True}):
        with pytest.raises(UserError, match="has regular windows"):
            ExportRequest(["a"], None, Prediction(**other))


def test_a_place_that_cannot_be_written_is_one_line(call, runs):
    done = call("export", f"--run_dir={runs / 'b'}", "--output=/proc/x")
    assert done.returncode == 2 and "Cannot write /proc/x/1" in done.stderr and "Traceback" not in done.stderr


def test_models_of_several_rates_are_refused(runs, monkeypatch, tmp_path):
    models = load_runs([runs / "a", runs / "b"], "float32")
    models.groups[1].front_end.spectrogram.sample_rate = 32000
    monkeypatch.setattr(formats, "load_runs", lambda *_: models)
    with pytest.raises(UserError, match=r"work at \[32000, 44100\] Hz"):
        export_saved_model(ExportRequest([runs / "a", runs / "b"], None, Prediction()), tmp_path)


@pytest.mark.slow
def test_what_scores_otherwise_is_refused(exported, runs):
    other = Predictor(load_runs([runs / "a", runs / "b"], "float32", [6, 4]), Prediction(4, precision="float32"))
    with pytest.raises(UserError, match="differ from those of the runs"):
        verify(exported, other, float32=True)


@pytest.mark.slow
def test_what_does_not_run_is_refused(runs, tmp_path):
    tf.saved_model.save(tf.Module(), str(tmp_path))
    with pytest.raises(UserError, match="does not run in a fresh process"):
        verify(tmp_path, Predictor(load_runs([runs / "b"], "float32"), Prediction(2, precision="float32")), True)


def test_a_model_beside_itself_differs_by_nothing(exported, synthetic, tmp_path):
    predictor = SavedModelPredictor(exported)
    said = judge(synthetic / "test.csv", predictor.vocabulary, predictor, predictor)
    assert "on the 16 clips of test.csv" in said and "0.000 [0.000, 0.000]; scores differ by 0.0000" in said
    (tmp_path / "bad.csv").write_text("fname,labels\ntext.wav,Bark\n")
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(UserError, match=r"text\.wav cannot be read"):
        judge(tmp_path / "bad.csv", predictor.vocabulary, predictor, predictor)
