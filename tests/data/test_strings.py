"""Texts of tables, whatever else is installed: pandas takes pyarrow's strings where it finds that package."""

import pandas as pd

import fat_tf.data  # noqa: F401 (sets what pandas keeps texts in)


def test_names_that_are_no_utf_8_stand_in_tables():
    names = ["B\udce4cker.wav", "a.wav"]
    table = pd.DataFrame({"fname": names})
    assert table["fname"].dtype.storage == "python" and table["fname"].tolist() == names
