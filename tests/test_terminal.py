"""Lines and tables that fit, in any terminal and in a log."""

import io
import sys

import pytest
from rich.cells import cell_len

from fat_tf.terminal import Column, clock, fitting, print_lines, printable, shortened, size, table, width_of


@pytest.mark.parametrize("text, width, short", [
    ("best5k", 6, "best5k"),
    ("pretrain_then_best5k_2020", 16, "pretrain…5k_2020"),
    ("日本語の名前です", 9, "日本…です"),
])  # fmt: skip
def test_a_long_name_keeps_both_ends(text, width, short):
    assert shortened(text, width) == short and cell_len(short) <= width


def test_columns_that_find_no_room_go_and_numbers_stand_to_the_right():
    columns = [Column("run", ["a", "bb"]), Column("wide", ["x" * 30, ""]), Column("n", ["5", "10"], right=True)]
    assert table(fitting(columns, 20)) == ["run   n", "a     5", "bb   10"]
    assert [column.name for column in fitting(columns, 60)] == ["run", "wide", "n"]


def test_what_is_invisible_is_spelled():
    assert printable("a\x1b[2J\u202eb\n") == "a\\x1b[2J\\u202eb\\n"
    assert printable("👨‍👩‍👧 [red] שלום") == "👨‍👩‍👧 [red] שלום"


def test_a_file_has_lines_of_100_columns_and_a_terminal_its_own(monkeypatch):
    assert width_of(io.StringIO()) == 100
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "40")
    assert width_of() == 40


def test_arrows_are_plain_where_the_stream_has_none(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    print_lines("1 → 2, refit×2")
    assert stream.buffer.getvalue() == b"1 > 2, refitx2\n"


@pytest.mark.parametrize("seconds, text", [(0.4, "0:00:00"), (3725, "1:02:05"), (200_000, "2d 7h"), (-3, "0:00:00")])
def test_times_are_read_as_hours(seconds, text):
    assert clock(seconds) == text


@pytest.mark.parametrize("number, text", [(0, "0 B"), (999, "999 B"), (7_140_000, "7.1 MB"), (710_920, "711 kB"),
                                          (2.5e13, "25.0 TB")])  # fmt: skip
def test_sizes_have_three_digits(number, text):
    assert size(number) == text
