"""UrbanSound8K as downloaded."""

from pathlib import Path

from fat_tf.data.csv_table import read_table
from fat_tf.data.layouts.layout import Layout, Part

COLUMNS = {"slice_file_name": "fname", "class": "labels", "fsID": "group"}


def urbansound8k(folder: Path) -> Layout | None:
    """metadata/UrbanSound8K.csv with the sounds in audio/fold1/ to audio/fold10/; fsID is their recording."""
    table = folder / "metadata" / "UrbanSound8K.csv"
    if not table.is_file():
        return None
    rows = read_table(table, list(COLUMNS))
    return Layout((Part("curated", table, folder / "audio", rows.rename(columns=COLUMNS)),))
