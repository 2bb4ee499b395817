"""Any folder with a CSV of the columns fname and labels."""

from pathlib import Path

from fat_tf.data.csv_table import ENDINGS, read_header
from fat_tf.data.layouts.layout import Layout, Part
from fat_tf.data.sound_files import files_below, files_in
from fat_tf.errors import UserError, listed

COLUMNS = ("fname", "labels")


def only_table(folder: Path) -> Layout | None:
    """Of the one CSV of a folder that has the columns; None where there is no CSV at all.

    Raises:
        UserError: several such CSVs, or others alone.
    """
    tables = [folder / name for name in files_in(folder).others if Path(name).suffix.lower() in ENDINGS]
    headers = {table: _header(table) for table in tables}
    usable = [csv for csv, header in headers.items() if set(COLUMNS) <= set(header)]
    if len(usable) > 1:
        names = listed(csv.name for csv in usable)
        raise UserError(f"{folder} has several tables ({names}): give the one to use as --data_dir=FOLDER/NAME.csv")
    if headers and not usable:
        read_header(next(iter(headers)))  # says why it cannot be read, where that is so
        there = listed(f"{csv.name} with the columns {', '.join(header)}" for csv, header in headers.items())
        raise UserError(
            f"{folder} needs a CSV with the columns fname,labels; it has {there}. Rename the columns; or, if each "
            "class has a folder of its own, move the CSV away"
        )
    return one_table(usable[0]) if usable else None


def _header(csv: Path) -> list[str]:
    try:
        return read_header(csv, COLUMNS)
    except UserError:  # of a file that may have nothing to do with the clips
        return []


def one_table(table: Path) -> Layout:
    """Of a CSV with its sounds."""
    vocabulary = table.parent / "vocabulary.csv"
    return Layout((Part("curated", table, audio_folder(table)),), vocabulary if vocabulary.is_file() else None)


def audio_folder(table: Path) -> Path:
    """Where the sounds of a CSV lie: in a folder with its name, in audio/, or in the same folder."""
    folders = [folder for folder in (table.with_suffix(""), table.parent / "audio") if folder.is_dir()]
    return next((folder for folder in folders if files_below(folder).sounds), table.parent)
