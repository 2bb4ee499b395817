"""The file of scores that grows: whole or partial, and never computed twice."""

import os
import uuid
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fat_tf.errors import UserError
from fat_tf.inference.clip_list import Clip
from fat_tf.inference.score_writer import ScoreWriter
from fat_tf.runs.score_table import read_scores

CLASSES = ("Bark", 'Meow, "loud"', "Rain")
NAMES = ["clip, 0.wav", "clip\r1.wav", "clip\n2.wav", 'clip"3.wav', "clip\r\n4.wav", "clip 5.wav"]
CLIPS = [Clip(name, f"{i}.wav") for i, name in enumerate(NAMES)]
SCORES = np.random.default_rng(0).random((6, 3)) ** 20


def write(file, top=None, resume=False, settings="s", until=None, clips=CLIPS):
    """Scores of the clips that are not done, up to an interruption; returns the names that were written."""
    written = []
    with ScoreWriter(file, CLASSES, settings, top) as out:
        for clip in out.begin(clips, resume):
            if len(written) == until:
                raise KeyboardInterrupt
            out.write(clip, SCORES[int(os.path.basename(clip.path)[0])])
            written.append(clip.fname)
    return written


def test_scores_are_read_back_to_seven_digits(tmp_path):
    write(tmp_path / "s.csv")
    table = read_scores(tmp_path / "s.csv")
    assert table.vocabulary == CLASSES and table.fnames == tuple(NAMES)
    np.testing.assert_allclose(table.scores, SCORES, rtol=5e-7)
    cells = pd.read_csv(tmp_path / "s.csv", dtype=str).iloc[:, 1:].to_numpy().ravel()
    assert all(len(cell.split("e")[0].replace(".", "").lstrip("0")) <= 7 for cell in cells)
    assert [file.name for file in tmp_path.iterdir()] == ["s.csv"]


def test_the_long_format_has_the_best_classes(tmp_path):
    write(tmp_path / "s.csv", top=2)
    rows = pd.read_csv(tmp_path / "s.csv")
    assert list(rows) == ["fname", "label", "score", "rank"] and len(rows) == 12
    best = np.argsort(-SCORES, axis=1)[:, :2]
    assert rows["label"].tolist() == [CLASSES[k] for of_clip in best for k in of_clip]
    assert rows["rank"].tolist() == [1, 2] * 6


@pytest.mark.parametrize("top", [None, 2, 9])
@given(until=st.integers(0, 5), cut=st.integers(0, 400))
@settings(max_examples=40)
def test_goes_on_after_an_interruption_at_any_byte(tmp_path_factory, top, until, cut):
    folder = tmp_path_factory.mktemp("out")
    with pytest.raises(KeyboardInterrupt):
        write(folder / "s.csv", top=top, until=until)
    (partial,) = folder.iterdir()
    assert partial.name == "s.csv.s.partial"  # nothing under the final name
    partial.write_bytes(partial.read_bytes()[: -cut or None])
    again = write(folder / "s.csv", top=top, resume=True)
    assert cut or len(again) == len(CLIPS) - until
    write(folder / "whole.csv", top=top)
    assert (folder / "s.csv").read_bytes() == (folder / "whole.csv").read_bytes()


def test_without_resume_or_with_other_settings_it_starts_anew(tmp_path):
    for other in ({"resume": False}, {"resume": True, "settings": "t"}):
        with pytest.raises(KeyboardInterrupt):
            write(tmp_path / "s.csv", until=3)
        assert len(write(tmp_path / "s.csv", **other)) == len(CLIPS)


def test_other_files_of_the_same_names_are_scored(tmp_path):
    """Another folder, a file that was changed, a list that lacks some and has some twice."""
    clips = [Clip(f"{i}.wav", str(tmp_path / "a" / f"{i}.wav")) for i in range(5)]
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for clip in clips:
            (tmp_path / folder / clip.fname).touch()
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "s.csv", until=4, clips=clips)
    (tmp_path / "a" / "1.wav").write_text("longer")
    os.utime(tmp_path / "a" / "2.wav", (1, 1))
    now = [clips[4], *clips[1:3], Clip("3.wav", str(tmp_path / "b" / "3.wav")), Clip("0", clips[0].path), clips[0]]
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "t.csv", until=4, clips=clips[:1] * 5)
    assert write(tmp_path / "s.csv", resume=True, clips=now) == ["4.wav", "1.wav", "2.wav", "3.wav", "0"]
    assert set(read_scores(tmp_path / "s.csv").fnames) == {*(clip.fname for clip in clips), "0"}
    assert write(tmp_path / "t.csv", resume=True, clips=clips[:1] * 6 + clips[1:2]) == ["0.wav", "0.wav", "1.wav"]


def test_clips_that_were_filled_are_tried_again(tmp_path):
    with pytest.raises(KeyboardInterrupt), ScoreWriter(tmp_path / "s.csv", CLASSES, "s", None) as out:
        out.begin(CLIPS, False)
        out.write(CLIPS[0], SCORES[0])
        out.fill(CLIPS[1], 0.0)
        raise KeyboardInterrupt
    assert len(write(tmp_path / "s.csv", resume=True)) == 5


def test_another_process_is_kept_out_meanwhile(tmp_path):
    with ScoreWriter(tmp_path / "s.csv", CLASSES, "s", None) as out:
        out.begin([], False)
        with pytest.raises(UserError, match=r"Another process writes .*s\.csv: wait, or give another --output"):
            write(tmp_path / "s.csv", settings="t")
        write(tmp_path / "other.csv")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["other.csv", "s.csv"]


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").touch()
    for place in (tmp_path / "file" / "s.csv", tmp_path):
        with pytest.raises(UserError, match="Cannot write"):
            write(place)


def test_a_full_disk_is_said_with_the_way_on(tmp_path, monkeypatch):
    (tmp_path / "s.csv.s.partial").symlink_to("/dev/full")
    with pytest.raises(UserError, match=r"No space left.*kept in .*s\.partial: go on with --resume"):
        write(tmp_path / "s.csv")
    (tmp_path / "s.csv.s.partial").unlink()
    monkeypatch.setattr(uuid, "uuid4", lambda: SimpleNamespace(hex="0"))
    (tmp_path / ".0.s.csv").symlink_to("/dev/full")  # when it gets its name
    with pytest.raises(UserError, match=r"No space left.*kept in .*s\.partial: go on with --resume"):
        write(tmp_path / "s.csv")
    assert not (tmp_path / "s.csv").exists()
    assert write(tmp_path / "s.csv", resume=True) == []
