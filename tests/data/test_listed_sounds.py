"""The files that listed names mean, and which files of a folder are sounds."""

import os
import unicodedata

import pytest

from fat_tf.data.listed_sounds import ListedSounds
from fat_tf.data.sound_files import Listings, files_below, left_out
from fat_tf.errors import UserError


@pytest.fixture
def audio(tmp_path):
    for name in ("dog/a.wav", "dog/b.flac", "cat/b.flac", "cat/b.ogg", "c.MP3", "one.two.wav", "x/one.two.wav"):
        file = tmp_path / "audio" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return tmp_path / "audio"


def test_sounds_of_a_run_and_links_to_nowhere_are_passed_over(audio):
    for name in ("manifest.json", "labels.csv", "config.gin", "audit/sounds/1.mp3"):
        (audio / "runs" / "a" / name).parent.mkdir(parents=True, exist_ok=True)
        (audio / "runs" / "a" / name).touch()
    for name in ("dog/labels.csv", "dog/manifest.json"):
        (audio / name).parent.mkdir(parents=True, exist_ok=True)
        (audio / name).touch()
    (audio / "loop").symlink_to("loop")
    (audio / "loop.wav").symlink_to("loop.wav")
    below = files_below(audio).sounds
    assert "dog/a.wav" in below and not [name for name in below if name.startswith("runs")]
    assert files_below(audio / "runs" / "a" / "audit").sounds == ["sounds/1.mp3"]
    assert Listings().has(str(audio / "c.MP3"))


@pytest.mark.parametrize("name, place", [
    ("dog/a.wav", "dog/a.wav"),
    ("./c.MP3", "c.MP3"),
    ("a.wav", "dog/a.wav"),
    ("a", "dog/a.wav"),
    ("dog/a", "dog/a.wav"),
    ("audio/dog/a.wav", "dog/a.wav"),
    ("dog\\a.wav", "dog/a.wav"),
    ("c", "c.MP3"),
    ("C.mp3 ", "c.MP3"),
    ("Audio/DOG/A.WAV", "dog/a.wav"),
    ("b.ogg", "cat/b.ogg"),
    ("dog/b", "dog/b.flac"),
    ("one.two", "one.two.wav"),  # rather than the one in x/
    ("dog/c.MP3", None),
    ("og/a.wav", None),
    ("gone.wav", None),
    ("dog", None),
])  # fmt: skip
def test_names_as_people_write_them(audio, name, place):
    found = ListedSounds(audio).find(name)
    assert found is None if place is None else os.path.samefile(found, audio / place)


def test_absolute_names(audio, tmp_path):
    (tmp_path / "else.wav").touch()
    for place in (audio / "c.MP3", tmp_path / "else.wav"):
        assert ListedSounds(audio).find(str(place)) == str(place)


@pytest.mark.parametrize("disk, table", [("NFD", "NFC"), ("NFC", "NFD")])
def test_another_unicode_form(tmp_path, disk, table):
    file = tmp_path / unicodedata.normalize(disk, "Bäcker.wav")
    file.touch()
    assert ListedSounds(tmp_path).find(unicodedata.normalize(table, "Bäcker.wav")) == str(file)


@pytest.mark.parametrize("name", ["b.flac", "b", "cat/b"])
def test_what_may_be_two_files_is_refused(audio, name):
    with pytest.raises(UserError, match=r"may be cat/b.*, .*b\."):
        ListedSounds(audio).find(name)


def test_links_are_followed_and_loops_are_not(audio, tmp_path):
    (audio / "dog" / "loop").symlink_to(audio)
    (audio / "mouse").symlink_to(audio / "cat")
    (tmp_path / "link").symlink_to(audio)
    sounds = files_below(tmp_path / "link").sounds
    assert "mouse/b.ogg" in sounds and "cat/b.ogg" in sounds and len(sounds) == 7 + 2
    assert ListedSounds(tmp_path / "link").find("a.wav") == str(tmp_path / "link" / "dog" / "a.wav")


def test_hidden_files_are_passed_over_and_others_are_counted(audio):
    for name in ("._c.wav", ".DS_Store", "notes.txt", "dog/more.TXT", "LICENSE"):
        (audio / name).touch()
    (audio / ".git").mkdir()
    (audio / ".git" / "z.wav").touch()
    files = files_below(audio)
    assert len(files.sounds) == 7
    assert left_out(files.others) == "Left out 3 files that are no sounds: 2 .txt, 1 without ending"
    assert left_out([]) == "" and left_out(["a.jpg"]) == "Left out 1 file that is no sound: 1 .jpg"


def test_files_that_are_there_are_told_by_the_listing_of_their_folder(audio, monkeypatch):
    (audio / "link.wav").symlink_to(audio / "c.MP3")
    (audio / "broken.wav").symlink_to(audio / "gone.wav")
    listings = Listings()
    for name in ("c.MP3", "./c.MP3", "dog/a.wav", "link.wav"):
        with monkeypatch.context() as patch:
            patch.setattr(os.path, "isfile", lambda path: 1 / 0)
            assert listings.has(os.path.join(audio, name))
    assert not any(listings.has(os.path.join(audio, name)) for name in ("dog", "gone.wav", "broken.wav", "no/a.wav"))


def test_a_folder_that_cannot_be_looked_into_is_said(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    there = os.scandir

    def refusing(folder):
        if os.fspath(folder).endswith("closed"):
            raise PermissionError(13, "Permission denied", folder)
        return there(folder)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(UserError, match="closed cannot be looked into: Permission denied"):
        files_below(tmp_path)
