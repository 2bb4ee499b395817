"""The file of scores that grows: whole or partial, and never computed twice."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fat_tf.errors import UserError
from fat_tf.inference.clip_list import Clip
from fat_tf.inference.score_writer import ScoreWriter, not_done
from fat_tf.runs.score_table import read_scores

CLASSES = ("Bark", 'Meow, "loud"', "Rain")
CLIPS = [Clip(f"clip, {i}.wav", f"{i}.wav") for i in range(6)]
SCORES = np.random.default_rng(0).random((6, 3)) ** 20


def write(file, top=None, resume=False, settings="s", until=None):
    """Scores of the clips that are not done, up to an interruption; returns the names that were written."""
    written = []
    with ScoreWriter(file, CLASSES, settings, top, resume) as out:
        for clip in not_done(CLIPS, out.done):
            if len(written) == until:
                raise KeyboardInterrupt
            out.write(clip.fname, SCORES[int(clip.path[0])])
            written.append(clip.fname)
    return written


def test_scores_are_read_back_to_the_last_bit(tmp_path):
    write(tmp_path / "s.csv")
    table = read_scores(tmp_path / "s.csv")
    assert table.vocabulary == CLASSES and table.fnames == tuple(clip.fname for clip in CLIPS)
    np.testing.assert_array_equal(table.scores, SCORES)
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
@settings(max_examples=40, deadline=None)
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


def test_a_name_that_is_there_twice_needs_two_rows():
    a, b = Clip("a", "a"), Clip("b", "b")
    assert not_done([a, b, a, a], ["b", "a", "a"]) == [a]


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").touch()
    for place in (tmp_path / "file" / "s.csv", tmp_path):
        with pytest.raises(UserError, match="Cannot write"):
            write(place)


def test_a_full_disk_is_said_with_the_way_on(tmp_path):
    (tmp_path / "s.csv.s.partial").symlink_to("/dev/full")
    with pytest.raises(UserError, match=r"No space left.*kept in .*s\.partial: go on with --resume"):
        write(tmp_path / "s.csv")
    assert not (tmp_path / "s.csv").exists()
