"""ESC-50 as downloaded."""

from pathlib import Path

from fat_tf.data.csv_table import read_table
from fat_tf.data.layouts.layout import Layout, Part

COLUMNS = {"filename": "fname", "category": "labels", "src_file": "group"}


def esc50(folder: Path) -> Layout | None:
    """meta/esc50.csv with the sounds in audio/; five folds, which keep the clips of a recording (src_file) together."""
    table = folder / "meta" / "esc50.csv"
    if not table.is_file():
        return None
    rows = read_table(table, ["filename", "fold", "category"])
    return Layout((Part("curated", table, folder / "audio", rows.rename(columns=COLUMNS)),))
