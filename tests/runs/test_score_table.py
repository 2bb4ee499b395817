"""Score files survive the way to disk, and what is wrong with one is said."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fat_tf.data.csv_text import csv_text
from fat_tf.errors import UserError
from fat_tf.evaluation.truth import labels_of_file, read_truth
from fat_tf.runs.score_table import ScoreTable, aligned, read_scores, spelled_as, write_scores

TEXT = "fname,Bark,Rain\na.wav,0.1,0.9\nb.wav,0.7,0.2\n"


@pytest.fixture
def table() -> ScoreTable:
    scores = np.random.default_rng(0).random((50, 7)) ** 30  # down to 1e-60
    return ScoreTable("t", tuple(f"{i}.wav" for i in range(50)), tuple("abcdefg"), scores)


def test_written_scores_are_read_to_the_last_bit(tmp_path, table):
    write_scores(tmp_path / "s.csv", table)
    back = read_scores(tmp_path / "s.csv")
    assert (back.fnames, back.vocabulary) == (table.fnames, table.vocabulary)
    np.testing.assert_array_equal(back.scores, table.scores)


def test_the_file_is_that_of_pandas(tmp_path, table):
    """Names with quotation marks, commas and line ends too."""
    names = ('a "loud" one.wav', "a,b.wav", "a\nb.wav", "a\rb.wav", "ä.wav", *table.fnames[5:])
    table = replace(table, fnames=names, vocabulary=('"x"', "fname", *"cdef", "y, z"))
    write_scores(tmp_path / "s.csv", table)
    rows = pd.DataFrame(table.scores, columns=list(table.vocabulary))
    rows.insert(0, "fname", list(names), allow_duplicates=True)
    assert (tmp_path / "s.csv").read_bytes().decode() == csv_text(rows)
    back = read_scores(tmp_path / "s.csv")
    assert (back.fnames, back.vocabulary) == (names, table.vocabulary)


@pytest.mark.parametrize("separator, encoding", [(";", "utf-8"), ("\t", "utf-16"), (",", "cp1252"), (",", "utf-8-sig")])
def test_files_of_other_programs_are_read_alike(tmp_path, table, separator, encoding):
    table = replace(table, fnames=("caf\xe9.wav", *table.fnames[1:]))
    write_scores(tmp_path / "s.csv", table)
    text = (tmp_path / "s.csv").read_text("utf-8").replace(",", separator).replace("\n", "\n\n")
    (tmp_path / "t.csv").write_bytes(text.encode(encoding))
    back = read_scores(tmp_path / "t.csv")
    assert (back.fnames, back.vocabulary) == (table.fnames, table.vocabulary)
    np.testing.assert_array_equal(back.scores, table.scores)


def test_other_orders_are_aligned(table):
    clips, classes = np.random.default_rng(1).permutation(50), np.random.default_rng(2).permutation(7)
    fnames, vocabulary = np.array(table.fnames)[clips], np.array(table.vocabulary)[classes]
    shuffled = ScoreTable("s", tuple(fnames), tuple(vocabulary), table.scores[np.ix_(clips, classes)])
    np.testing.assert_array_equal(aligned([table, shuffled])[1].scores, table.scores)


@pytest.mark.parametrize(
    "text, says",
    [
        (TEXT.replace("0.9", "nan"), r"line 2, Rain: 'nan'"),
        (TEXT.replace("0.7", ""), r"line 3, Bark: ''"),
        (TEXT.replace("0.2", "inf"), r"line 3, Rain: 'inf'"),
        (TEXT.replace("0.2", "much"), r"line 3, Rain: 'much'"),
        (TEXT.replace("b.wav", "a.wav"), "clips more than once: a.wav"),
        (TEXT.replace("Rain", "Bark"), "classes more than once: Bark"),
        (TEXT.replace("fname", "file"), "no column fname"),
        (TEXT.replace("Rain", ""), "without a name"),
        (TEXT.replace("0.2", "1_0"), "line 3, Rain: '1_0'"),
        ("fname\na.wav\n", "no column beside fname"),
        ("fname,Bark\n", "lists no clips"),
        ("", "cannot be read as CSV"),
        ("fname,Bark\na.wav,\0\n", "line 2 holds a NUL byte"),
        (TEXT.replace("\n", "\n\n", 1).replace("0.2", "x"), "line 4, Rain: 'x'"),
    ],
)
def test_what_is_wrong_with_a_score_file_is_said(tmp_path, text, says):
    (tmp_path / "s.csv").write_text(text)
    with pytest.raises(UserError, match=says):
        read_scores(tmp_path / "s.csv")


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(UserError, match="No such file"):
        read_scores(tmp_path / "s.csv")


def test_tables_of_other_clips_or_classes_are_refused(table):
    fewer = table.ordered(table.fnames[:-1], table.vocabulary)
    with pytest.raises(UserError, match="different clips: t alone has 49"):
        aligned([table, fewer])
    with pytest.raises(UserError, match="different classes: t alone has g"):
        aligned([table, table.ordered(table.fnames, table.vocabulary[:-1])])


def _table_and_truth(tmp_path, truth: str):
    (tmp_path / "s.csv").write_text(TEXT)
    (tmp_path / "t.csv").write_text(truth)
    return read_scores(tmp_path / "s.csv"), tmp_path / "t.csv"


def test_truth_follows_the_order_of_the_scores(tmp_path):
    table, file = _table_and_truth(tmp_path, 'fname,labels,usage\nb.wav,"Rain, Bark",Private\na.wav,Rain,Public\n')
    _, truth = read_truth(labels_of_file(file), table)
    assert truth.fnames == ("a.wav", "b.wav") and truth.usage == ("Public", "Private")
    np.testing.assert_array_equal(truth.targets, [[False, True], [True, True]])


@pytest.mark.parametrize(
    "truth, says",
    [
        ("fname,labels\na.wav,Rain\n", "s.csv alone has b.wav"),
        ("fname,labels\na.wav,Rain\nb.wav,Bark\nc.wav,Bark\n", "t.csv alone has c.wav"),
        ("fname,labels\na.wav,\nb.wav,\n", "no labels for a.wav, b.wav"),
        ("fname,labels\na.wav,Rain\nb.wav,Meow\n", "no column for: Meow"),
        ("fname\na.wav\n", "no column labels"),
    ],
)
def test_what_is_wrong_with_a_truth_is_said(tmp_path, truth, says):
    table, file = _table_and_truth(tmp_path, truth)
    with pytest.raises(UserError, match=says):
        read_truth(labels_of_file(file), table)


def test_common_clips_alone_are_judged_when_asked(tmp_path):
    table, file = _table_and_truth(tmp_path, "fname,labels\nc.wav,Rain\nb.wav,Bark\n")
    table, truth = read_truth(labels_of_file(file), table, common_clips=True)
    assert table.fnames == truth.fnames == ("b.wav",)


def test_classes_of_any_name_come_back(tmp_path):
    classes = ("fname", "NA", "None", "1", 'a "quoted", one', "Speech/Music", "🐕", "Bäcker")
    table = ScoreTable("s", ("NA", "fname"), classes, np.random.default_rng(0).random((2, len(classes))))
    write_scores(tmp_path / "s.csv", table)
    back = read_scores(tmp_path / "s.csv")
    assert back.vocabulary == classes and back.fnames == table.fnames
    np.testing.assert_array_equal(back.scores, table.scores)
    assert back.ordered(["fname"], ["1", "fname"]).scores.tolist() == [table.scores[1, [3, 0]].tolist()]


@pytest.mark.parametrize("known, names, spelled", [
    (["a.wav", "\u00e9"], [" a.wav ", "e\u0301"], ["a.wav", "\u00e9"]),
    (["a.wav"], ["a.wav", " a.wav"], ["a.wav", " a.wav"]),  # both spellings are there: two clips
    (["\u00e9", "e\u0301"], ["\u00e9 "], ["\u00e9 "]),  # which one is meant?
    (["a"], ["b"], ["b"]),
])  # fmt: skip
def test_names_take_the_spelling_of_the_known_clip_that_they_mean(known, names, spelled):
    assert spelled_as(known, names) == spelled
