"""Files, folders and lists become clips with names."""

import pytest

from fat_tf.errors import UserError
from fat_tf.inference.clip_list import Clip, find_clips


@pytest.fixture
def folder(tmp_path):
    for name in ("b.wav", "a.flac", "deep/er/a.flac", "notes.txt"):
        file = tmp_path / "sounds" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return tmp_path / "sounds"


def test_a_folder_gives_all_below_it_by_their_paths(folder):
    clips = find_clips([folder])
    assert [clip.fname for clip in clips] == ["a.flac", "b.wav", "deep/er/a.flac"]
    assert clips[2].path == str(folder / "deep" / "er" / "a.flac")


@pytest.mark.parametrize("place", ["list", "audio", ""])
def test_a_list_finds_its_sounds(tmp_path, place):
    (tmp_path / place).mkdir(exist_ok=True)
    (tmp_path / place / "x.wav").touch()
    (tmp_path / "list.csv").write_text("fname,labels\nx.wav,Bark\ngone.wav,\nx.wav,Bark\n")
    clips = find_clips([tmp_path / "list.csv"])
    assert [clip.fname for clip in clips] == ["x.wav", "gone.wav", "x.wav"]  # a missing one is told when it is read
    assert clips[0].path == str(tmp_path / place / "x.wav")


def test_places_may_be_mixed(folder):
    assert find_clips([folder / "b.wav", folder / "deep"]) == [
        Clip("b.wav", str(folder / "b.wav")),
        Clip("er/a.flac", str(folder / "deep/er/a.flac")),
    ]


def test_what_is_no_place_of_sounds_is_said(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "list.csv").write_text("fname\nx.wav\n")
    for place, says in (("nowhere", "is not there"), ("empty", "holds no sound files"), ("list.csv", "None of the 1")):
        with pytest.raises(UserError, match=says):
            find_clips([tmp_path / place])


def test_one_name_for_two_files_is_refused(folder):
    with pytest.raises(UserError, match=r"would both be called a\.flac"):
        find_clips([folder, folder / "deep" / "er"])
