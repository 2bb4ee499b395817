"""Tables as CSV: any name is read back, and lines end with a line feed."""

import csv
import io

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from fat_tf.data.csv_text import csv_line, csv_text

CELL = st.text(st.sampled_from('a,;"\r\n \t\u00e9'), min_size=1)


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@given(st.lists(st.tuples(CELL, CELL)))
def test_any_cell_is_read_back(cells):
    table = pd.DataFrame(cells, columns=["fname", "labels"])
    rows = [list(row) for row in cells]
    assert rows_of(csv_text(table)) == [["fname", "labels"], *rows]
    assert csv_text(table) == "".join(map(csv_line, [["fname", "labels"], *rows]))


def test_a_plain_table_is_what_pandas_writes():
    table = pd.DataFrame({"fname": ["a.wav", "b, c.wav", ""], "x": [0.1, 1e-9, float("nan")], "n": [1, 2, 3]})
    assert csv_text(table) == table.to_csv(index=False, lineterminator="\n")
