"""Scoring with an exported model, as with the runs that it is made of."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from fat_tf.errors import UserError
from fat_tf.inference import clip_pictures
from fat_tf.inference.clip_list import Clip, find_clips
from fat_tf.inference.exported_model import SavedModelPredictor, newest_version
from fat_tf.inference.predictor import Prediction, Predictor
from fat_tf.runs.score_table import read_scores


@pytest.fixture(scope="module")
def clips(synthetic, tmp_path_factory):
    """Sounds of several lengths, one at another rate, and a text."""
    folder = tmp_path_factory.mktemp("clips")
    (folder / "text.wav").write_text("no sound")
    sf.write(folder / "long.ogg", np.sin(np.arange(30 * 22050) ** 1.2 / 50) / 3, 22050)
    return find_clips([synthetic / "test"]) + find_clips([folder])


@pytest.fixture(scope="module")
def loaded(exported):
    return SavedModelPredictor(exported)


@pytest.fixture(scope="module")
def whole(loaded, clips):
    """Scores of clips that are seen at once."""
    return list(loaded(clips))


def test_scores_are_those_of_the_runs(whole, both, clips):
    ours, theirs = whole, list(Predictor(both, Prediction(windows=4))(clips))
    assert [scored.clip for scored in ours] == clips
    assert [scored.error for scored in ours] == [scored.error for scored in theirs]
    assert sum(bool(scored.error) for scored in ours) == 1
    for one, other in zip(ours, theirs, strict=True):
        if not one.error:
            np.testing.assert_allclose(one.scores, other.scores, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("knows_front_ends", [True, False])
def test_long_clips_score_as_whole_ones(exported, clips, whole, tmp_path, monkeypatch, knows_front_ends):
    if not knows_front_ends:  # a front end of one's own, or an older export
        exported = shutil.copytree(exported, tmp_path / "1")
        about = json.loads((exported / "model.json").read_text("utf-8"))
        del about["front_ends"]
        (exported / "model.json").write_text(json.dumps(about), "utf-8")
    monkeypatch.setattr(clip_pictures, "LONG_SECONDS", 1.0)
    predictor, long = SavedModelPredictor(exported), []
    score_long = predictor._score_long
    monkeypatch.setattr(predictor, "_score_long", lambda path: long.append(path) or score_long(path))
    by_blocks = list(predictor(clips))
    assert long
    assert [scored.error for scored in by_blocks] == [scored.error for scored in whole]
    for one, other in zip(by_blocks, whole, strict=True):
        if not one.error:
            np.testing.assert_allclose(one.scores, other.scores, atol=1e-5)


def test_a_folder_without_any_good_clip_has_errors_alone(loaded, tmp_path):
    (tmp_path / "a.wav").touch()
    (scored,) = loaded([Clip("a", str(tmp_path / "a.wav"))])
    assert scored.error and scored.scores is None


def test_the_newest_version_is_taken(tmp_path):
    for name in ("1", "2", "10", "x"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "saved_model.pb").touch()
    assert newest_version(tmp_path).name == "10"
    assert newest_version(tmp_path / "2") == tmp_path / "2"


def test_what_is_no_exported_model_is_said(exported, tmp_path):
    for place in (tmp_path, tmp_path / "gone"):
        with pytest.raises(UserError, match="holds no exported model"):
            SavedModelPredictor(place)
    (tmp_path / "saved_model.pb").write_text("x")
    with pytest.raises(UserError, match="cannot be read as a model"):
        SavedModelPredictor(tmp_path)
    shutil.copy(exported / "model.json", tmp_path)
    with pytest.raises(UserError, match="cannot be read as a model"):
        SavedModelPredictor(tmp_path)


def emptied(file):
    file.write_bytes(b"")


def flipped(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize(("file", "damage"), [
    ("variables.index", Path.unlink),
    ("variables.index", flipped),
    ("variables.data-00000-of-00001", emptied),
    ("saved_model.pb", flipped),
    ("fingerprint.pb", Path.unlink),
    ("model.json", Path.unlink),
])  # fmt: skip
def test_a_damaged_model_is_one_line(exported, tmp_path, file, damage):
    shutil.copytree(exported, tmp_path / "model")
    (place,) = (tmp_path / "model").rglob(file)
    damage(place)
    with pytest.raises(UserError, match="cannot be read as a model") as refused:
        SavedModelPredictor(tmp_path / "model")
    said = refused.value.message.replace(str(tmp_path), "")
    assert "\n" not in said and len(said) < 400


def test_other_labels_than_the_graph_has_scores_are_refused(exported, tmp_path):
    shutil.copytree(exported, tmp_path / "model")
    about = json.loads((exported / "model.json").read_text("utf-8"))
    (tmp_path / "model" / "model.json").write_text(json.dumps(about | {"labels": ["Bark"]}), "utf-8")
    with pytest.raises(UserError, match=r"has 1 labels, and the graph 16 scores"):
        SavedModelPredictor(tmp_path / "model")


def test_a_folder_may_be_called_like_a_pattern(exported, tmp_path):
    folder = tmp_path / "tagger[1] *?"
    shutil.copytree(exported, folder)
    assert SavedModelPredictor(folder).score_sound(np.ones(500, np.float32)).shape == (16,)


def test_the_tool_takes_it(call, exported, synthetic, tmp_path):
    command = [f"--model={exported.parent}", f"--audio={synthetic / 'test'}", f"--output={tmp_path / 'scores.csv'}"]
    done = call("predict", *command)
    assert done.returncode == 0 and "3 models" in done.stdout, done.stderr
    scores = read_scores(tmp_path / "scores.csv")
    assert list(scores.vocabulary) == json.loads((exported / "model.json").read_text())["labels"]
    assert len(scores.fnames) == 16
    done = call("predict", str(synthetic / "test"), f"--model={exported}", "--gin_param=Prediction.windows=2")
    assert done.returncode == 2 and "has its runs and settings inside" in done.stderr
