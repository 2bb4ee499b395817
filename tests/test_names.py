"""Names that are not in UTF-8: a spelling that is read back, and sounds of such names, scored and trained on."""

import os
import shutil

import pandas as pd
import pytest
from fake_runs import TINY_GIN
from hypothesis import given
from hypothesis import strategies as st

from fat_tf.data import read_dataset
from fat_tf.data.csv_text import csv_text
from fat_tf.errors import UserError
from fat_tf.inference.clip_list import find_clips
from fat_tf.names import as_on_disk, spelled
from fat_tf.runs.score_table import read_scores

LATIN = os.fsdecode(b"caf\xe9.wav")


@given(st.binary())
def test_a_spelling_is_text_and_is_read_back(name):
    text = spelled(os.fsdecode(name.replace(b"\\", b"/")))
    assert text.encode().decode() == text
    assert os.fsencode(as_on_disk(text)) == name.replace(b"\\", b"/")


@pytest.mark.parametrize("name", ["Bäcker.wav", "a\\b.wav", "a\\xag", "\\x41.wav"])
def test_other_names_are_left_as_they_are(name):
    assert spelled(name) == as_on_disk(name) == name


@pytest.fixture
def latin(tmp_path, synthetic):
    """A folder with caf\\xe9.wav and two others."""
    folder = tmp_path / "audio"
    folder.mkdir()
    for name, clip in zip((LATIN, "b\rc.wav", "d.wav"), sorted((synthetic / "test").iterdir()), strict=False):
        shutil.copy(clip, folder / name)
    return folder


def test_a_clash_with_a_file_of_that_spelling_is_said(latin):
    (latin / spelled(LATIN)).touch()
    with pytest.raises(UserError, match=r"would both be called caf\\xe9\.wav"):
        find_clips([latin])


@pytest.mark.slow
def test_they_are_scored_and_their_list_finds_them(call, runs, exported, latin, tmp_path):
    for model in (f"--run_dir={runs / 'a'}", f"--model={exported}"):
        done = call("predict", model, f"--audio={latin}", f"--output={tmp_path / 's.csv'}")
        assert done.returncode == 0, done.stderr
        assert set(read_scores(tmp_path / "s.csv").fnames) == {"b\rc.wav", "caf\\xe9.wav", "d.wav"}
    done = call("predict", model, f"--audio={tmp_path / 's.csv'}", f"--output={tmp_path / 'again.csv'}")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "s.csv").read_bytes()
    (latin / LATIN).write_bytes(b"")
    done = call("predict", model, f"--audio={latin}", f"--output={tmp_path / 's.csv'}")
    assert done.returncode == 3 and "caf\\xe9.wav (" in done.stdout
    assert pd.read_csv(tmp_path / "s.csv.errors.csv")["path"].tolist() == [str(latin / "caf\\xe9.wav")]


def test_they_are_clips_of_a_table_and_of_a_class_folder(latin, tmp_path):
    names = ["caf\\xe9.wav", '"b\rc.wav"', "d.wav"]
    (tmp_path / "clips.csv").write_text(
        "fname,labels\n" + "".join(f"{name},Class {i}\n" for i, name in enumerate(names)), "utf-8"
    )
    clips = read_dataset(tmp_path).clips
    assert clips["path"][0] == str(latin / LATIN) and clips["fname"][0] == "caf\\xe9.wav"
    shutil.move(latin, tmp_path / "classes" / os.fsdecode(b"B\xe4cker"))
    shutil.copytree(tmp_path / "classes" / os.fsdecode(b"B\xe4cker"), tmp_path / "classes" / "Rain")
    dataset = read_dataset(tmp_path / "classes")
    assert dataset.vocabulary == ("B\\xe4cker", "Rain")
    assert all(map(os.path.isfile, dataset.clips["path"])) and "Rain/caf\\xe9.wav" in set(dataset.clips["fname"])


@pytest.mark.slow
@pytest.mark.parametrize("features", ["cached", "waveform"])
def test_they_are_trained_on_in_places_of_such_names(call, synthetic, tmp_path, features):
    data = tmp_path / os.fsdecode(b"Ger\xe4usche [1] #%'*")
    (data / "audio").mkdir(parents=True)
    table = pd.read_csv(synthetic / "train_curated.csv")
    for name in table["fname"]:
        shutil.copy(synthetic / "train_curated" / name, data / "audio" / os.fsdecode(b"\xe9\r" + name.encode()))
    (data / "audio" / os.fsdecode(b"\xe9\r" + table["fname"][0].encode())).write_bytes(b"no sound")
    (data / "clips.csv").write_text(csv_text(table.assign(fname="\\xe9\r" + table["fname"])), "utf-8", newline="")
    quick = ["WIDTH=2", "EPOCHS=1", "FrontEnd.window_seconds=1.0", "BATCH_SIZE=16"]
    quick += ["Board.share=0.0"] * (features == "waveform")  # pictures once are enough
    quick += [f"Recipe.features='{features}'", "Recipe.unreadable='leave_out'"]
    places = [f"--{name}={tmp_path / os.fsdecode(b'[l]*%xe ' + end)}" for name, end in
              (("run_dir", b"\xe9"), ("cache_dir", b"\xe8"))]  # fmt: skip
    command = [f"--gin_file={TINY_GIN}", *(f"--gin_param={param}" for param in quick), f"--data_dir={data}", *places]
    done = call("train", *command, "--folds=0")
    assert done.returncode == 0, done.stderr
    assert "TensorBoard" not in done.stderr
    done = call("train", *command, "--folds=1")
    assert done.returncode == 0, done.stderr
    run = places[0].partition("=")[2]
    done = call("evaluate", f"--scores={run}")
    assert done.returncode == 0 and "\\xe9" in done.stdout, done.stderr
    done = call("export", f"--run_dir={run}", f"--output={tmp_path / os.fsdecode(b'tagger[1]' + bytes([0xE9]))}")
    assert done.returncode == 0, done.stderr
