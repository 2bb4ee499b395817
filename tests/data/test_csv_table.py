"""CSV files as people save them: encodings, separators, blank lines; and where a broken one is broken."""

import gzip
import time

import pytest

from fat_tf.data.csv_table import read_header, read_table
from fat_tf.errors import UserError

TEXT = "fname,labels\nä.wav,Bäcker\n"


@pytest.fixture
def written(tmp_path):
    def write(content: str | bytes):
        file = tmp_path / "t.csv"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_is_found(written, encoding, capsys):
    file = written(TEXT.encode(encoding))
    for _ in range(2):
        assert read_table(file, ["fname"]).to_numpy().tolist() == [["ä.wav", "Bäcker"]]
    said = capsys.readouterr().err
    assert said.count("t.csv is not in UTF-8 (line 2): it is read as Latin-1") == (encoding == "cp1252")


def test_bytes_that_windows_does_not_know_are_read_too(written):
    assert read_table(written(b"fname\n\x81\xe9.wav\n"), ["fname"])["fname"].item() == "\x81é.wav"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators(written, separator):
    file = written(f'fname{separator}labels\n"a,;\t.wav"{separator}"Bark, Rain"\n'.replace("\n", "\r\n"))
    assert read_table(file, ["fname", "labels"]).to_numpy().tolist() == [["a,;\t.wav", "Bark, Rain"]]


def test_the_columns_that_are_needed_tell_the_separator(written):
    assert list(read_table(written("fname;a,b;c,d\nx;1;2\n"), ["fname"])) == ["fname", "a,b", "c,d"]


def test_rows_know_their_lines(written):
    table = read_table(written('\n fname ,labels,\n\na.wav,"Bark,\nRain",\n,,\n\nb.wav,NA,\n'), ["fname"])
    assert list(table) == ["fname", "labels"] and list(table["labels"]) == ["Bark,\nRain", "NA"]
    assert list(table.index) == [4, 8] and table.index.name == "line"


def test_blank_rows_above_the_header_are_passed_over(written):
    file = written(";;\n\n;;\n;fname;labels\n0;a,1.wav;Dog\n")
    assert read_header(file) == ["", "fname", "labels"] and list(read_table(file, ["fname"])["fname"]) == ["a,1.wav"]


WRONG = {
    "empty": ("", "it is empty"),
    "blank": (" \n\n", "it is empty"),
    "separators alone": (",,\n,,\n", "nothing is in it"),
    "NUL": (b"fname,labels\na.wav,Dog\nb\0.wav,Dog\n", "line 3 holds a NUL byte"),
    "UTF-16 without a mark": ("fname,Größe\n".encode("utf-16-le"), "line 1 holds a NUL byte"),
    "gzip": (gzip.compress(b"fname,labels\na.wav,Dog\n"), "is compressed by gzip: unpack it first"),
    "UTF-16, cut": (TEXT.encode("utf-16")[:-1], "its UTF-16 is damaged"),
    "longer": (
        "fname,fold\n\na.wav,1,2\n",
        r"2 columns in its first line, and line 3 has 3\. Give each line as many, empty cells too$",
    ),
    "shorter": ("fname,labels\na.wav\n", r"and line 2 has 1\. Give each line as many, empty cells too$"),
    "several labels": ("fname,labels\na.wav,Dog,Cat\n", r"line 2 has 3\. Several labels go into one cell, in quotes"),
    "not closed": ('fname,labels\na.wav,Dog\n"b.wav,Cat\nc.wav,Dog\n', "line 3: a quotation mark is not closed"),
    "after a quote": ('fname,labels\na.wav,"Big" dog\n', "line 2: text follows a closing quotation mark"),
    "column twice": ("fname,labels,labels\na,b,c\n", "columns more than once: labels"),
    "column missing": ("file,labels\na,b\n", "no column fname; it has: file, labels"),
    "no rows": ("fname,labels\n", "lists no clips"),
}


@pytest.mark.parametrize("content, message", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_one_line_with_its_place(written, content, message):
    with pytest.raises(UserError, match=message) as raised:
        read_table(written(content), ["fname", "labels"] if "fold" not in str(content) else ["fname"])
    assert "t.csv" in raised.value.message and "\n" not in raised.value.message


def test_a_folder_is_no_table(tmp_path):
    with pytest.raises(UserError, match="Is a directory"):
        read_table(tmp_path, ["fname"])


def test_large_tables_are_read_fast(written):
    file = written("fname,labels,fold\n" + 'abcdef.wav,"Bark,Rain",3\n' * 200_000)
    start = time.process_time()
    assert len(read_table(file, ["fname"])) == 200_000 and time.process_time() - start < 3  # 0.6 s when alone
