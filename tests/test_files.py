"""Files are whole or not there, on the disk before they have their name, and in UTF-8."""

import gc
import os
import sys
import uuid
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from fat_tf.errors import UserError
from fat_tf.files import check_output, plain_path, read_arrays, read_text, write_arrays, write_text, written_whole

ARRAYS = {"scores": np.arange(6.0).reshape(2, 3), "fnames": np.array(["NA", "é.wav"]), "steps": np.array(7)}


@pytest.fixture
def full_disk(tmp_path, monkeypatch) -> Path:
    """A file that cannot be written to: what it is written under is /dev/full."""
    monkeypatch.setattr(uuid, "uuid4", lambda: SimpleNamespace(hex="0"))
    (tmp_path / ".0.there").symlink_to("/dev/full")
    return tmp_path / "there"


def test_arrays_are_read_as_they_were_written(tmp_path):
    write_arrays(tmp_path / "a.npz", ARRAYS)
    back = read_arrays(tmp_path / "a.npz", "")
    assert back.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(back[name], array)
    assert read_arrays(tmp_path / "a.npz", "", ["steps"]).keys() == {"steps"}


@pytest.mark.parametrize("write", [lambda file: write_arrays(file, ARRAYS), lambda file: write_text(file, "a" * 9999)])
def test_a_full_disk_is_said_once_and_what_was_there_stays(full_disk, write, monkeypatch):
    unraised = []
    monkeypatch.setattr(sys, "unraisablehook", unraised.append)
    full_disk.write_text("before")
    with pytest.raises(UserError, match=r"Cannot write .*there: No space left on device \(.* GB free\)"):
        write(full_disk)
    gc.collect()
    assert not unraised and full_disk.read_text() == "before"
    assert [file.name for file in full_disk.parent.iterdir()] == ["there"]


def test_what_could_not_be_written_is_said_before_and_while_it_is(tmp_path):
    (tmp_path / "file").touch()
    check_output(tmp_path / "new" / "deep" / "out.csv")
    for place, says in (
        (Path("/dev/null"), "a device or a pipe"),
        (tmp_path, "a folder"),
        (Path("/"), "a folder"),
        (tmp_path / "file" / "out.csv", "file is a file, no folder"),
    ):
        with pytest.raises(UserError, match=says):
            check_output(place)
    with pytest.raises(UserError, match=r"file is a file, no folder$"):
        write_text(tmp_path / "file" / "out.csv", "a")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_link_stays_one_and_what_it_leads_to_is_written(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link.csv").symlink_to("there/a.csv")
    for text in ("a", "b"):
        write_text(tmp_path / "link.csv", text)
        assert (tmp_path / "link.csv").is_symlink() and (tmp_path / "there" / "a.csv").read_text() == text
    assert len(list(tmp_path.rglob("*"))) == 3


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.99])
def test_arrays_that_are_cut_are_named_with_the_remedy(tmp_path, keep):
    file = tmp_path / "a.npz"
    write_arrays(file, ARRAYS)
    file.write_bytes(file.read_bytes()[: int(keep * file.stat().st_size)])
    with pytest.raises(UserError, match=r"a.npz is damaged \(.*\): delete it") as raised:
        read_arrays(file, "delete it")
    assert "\n" not in raised.value.message


def test_contents_are_on_the_disk_before_the_name_and_the_name_after(tmp_path, monkeypatch):
    done = []
    on_disk, named = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (done.append(Path(os.readlink(f"/proc/self/fd/{fd}"))), on_disk(fd)))
    monkeypatch.setattr(os, "replace", lambda a, b: (done.append("named"), named(a, b)))
    with written_whole(tmp_path / "set") as unfinished:
        (unfinished / "inner").mkdir(parents=True)
        (unfinished / "inner" / "a.txt").write_text("a")
    inside, after = set(done[: done.index("named")]), done[done.index("named") + 1 :]
    assert inside == {unfinished, unfinished / "inner", unfinished / "inner" / "a.txt"} and after == [tmp_path]
    assert (tmp_path / "set" / "inner" / "a.txt").read_text() == "a"


def test_texts_are_utf_8_whatever_the_locale_is(tmp_path):
    write_text(tmp_path / "a", "Käuzchen\r\n→\n")
    assert read_text(tmp_path / "a") == "Käuzchen\r\n→\n"
    assert (tmp_path / "a").read_bytes() == "Käuzchen\r\n→\n".encode()
    (tmp_path / "a").write_bytes(b"\xff")
    with pytest.raises(UserError, match="a cannot be read: 'utf-8'"):
        read_text(tmp_path / "a")


@pytest.mark.parametrize("name", ["tagger[1]", "a*b?", "{a}", os.fsdecode(b"caf\xe9")])
def test_what_tensorflow_takes_for_a_pattern_has_another_path(tmp_path, name):
    with plain_path(tmp_path / name) as path:  # a folder that is made there
        assert not set("[]*?{}") & set(path) and path.encode()
        (tmp_path / name).mkdir()
        (Path(path) / "inside").touch()
    assert (tmp_path / name / "inside").exists() and not os.path.lexists(path)
    with plain_path(tmp_path) as path:
        assert path == str(tmp_path)
