"""Where the tables and the sounds of a data set lie: Kaggle, Zenodo, or any folder with a CSV."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from fat_tf.data.endings import ENDINGS
from fat_tf.errors import UserError, listed
from fat_tf.parts import blamed, made, name_of

ZENODO = "FSDKaggle2019"


@dataclass(frozen=True)
class Part:
    """One table of a data set and the folder of its sounds.

    source: curated, noisy or test. table: a CSV with the columns fname, labels and, where there are folds, fold.
    rows: these columns as texts, in the order of the table's lines, where its own are others.
    """

    source: str
    table: Path
    audio: Path
    rows: pd.DataFrame | None = None


@dataclass(frozen=True)
class Layout:
    """The parts of a data set, and the file that gives the order of its classes, if there is one."""

    parts: tuple[Part, ...]
    vocabulary: Path | None = None


def find_layout(data_dir: Path, own: Callable[[Path], Layout] | None = None) -> Layout:
    """Recognise the layout of a folder (or of a CSV file with its sounds beside it).

    Args:
        data_dir: the folder, or the CSV.
        own: tells the layout of a folder instead.

    Raises:
        UserError: nothing there, no CSV with the columns fname and labels, or several; whatever `own` raises.
    """
    if not data_dir.exists():
        raise UserError(f"Data folder {data_dir} does not exist: give the folder of your sounds with --data_dir")
    if own:
        return _by(own, data_dir)
    if data_dir.is_file():
        return _one_table(data_dir)
    for finder in (_kaggle, _zenodo):
        if layout := finder(data_dir):
            return layout
    return _one_table(_only_table(data_dir))


def _by(own: Callable[[Path], Layout], data_dir: Path) -> Layout:
    what = f"The layout {name_of(own)}"
    with blamed(what):
        layout = made(own)(data_dir)
    if not isinstance(layout, Layout) or not {part.source for part in layout.parts} <= {"curated", "noisy", "test"}:
        raise UserError(f"{what} gives {layout!r}: expected is a fat_tf.data.Layout of curated, noisy and test Parts")
    return layout


def _kaggle(folder: Path) -> Layout | None:
    if not (folder / "train_curated.csv").is_file():
        return None
    submission = folder / "sample_submission.csv"
    test = folder / "test.csv"
    tables = {
        "curated": (folder / "train_curated.csv", folder / "train_curated"),
        "noisy": (folder / "train_noisy.csv", folder / "train_noisy"),
        "test": (test if test.is_file() else submission, folder / "test"),
    }
    vocabulary = folder / "vocabulary.csv"
    return Layout(_existing(tables), next((f for f in (submission, vocabulary) if f.is_file()), None))


def _zenodo(folder: Path) -> Layout | None:
    meta = folder / f"{ZENODO}.meta"
    if not meta.is_dir():
        return None
    tables = {
        source: (meta / f"{name}_post_competition.csv", folder / f"{ZENODO}.audio_{name}")
        for source, name in (("curated", "train_curated"), ("noisy", "train_noisy"), ("test", "test"))
    }
    if not tables["curated"][0].is_file():
        raise UserError(f"{tables['curated'][0]} is missing: unpack FSDKaggle2019.meta.zip again")
    vocabulary = meta / "vocabulary.csv"
    return Layout(_existing(tables), vocabulary if vocabulary.is_file() else None)


def _existing(tables: dict[str, tuple[Path, Path]]) -> tuple[Part, ...]:
    """The parts whose table is there; noisy and test clips are optional."""
    return tuple(Part(source, table, audio) for source, (table, audio) in tables.items() if table.is_file())


def _only_table(folder: Path) -> Path:
    """The one CSV of a folder that has the columns fname and labels."""
    csvs = sorted(folder.glob("*.csv"))
    usable = [csv for csv in csvs if {"fname", "labels"} <= set(_header(csv))]
    if len(usable) == 1:
        return usable[0]
    if usable:
        names = listed(csv.name for csv in usable)
        raise UserError(f"{folder} has several tables ({names}): give the one to use as --data_dir=FOLDER/NAME.csv")
    there = listed(f"{csv.name} with the columns {', '.join(_header(csv)) or 'none'}" for csv in csvs) or "no CSV"
    raise UserError(f"{folder} needs a CSV with the columns fname,labels; it has {there}")


def _header(csv: Path) -> list[str]:
    try:
        return list(pd.read_csv(csv, nrows=0))
    except (OSError, UnicodeDecodeError, pd.errors.EmptyDataError, pd.errors.ParserError):
        return []


def _one_table(table: Path) -> Layout:
    """Any CSV with its sounds."""
    vocabulary = table.parent / "vocabulary.csv"
    return Layout((Part("curated", table, audio_folder(table)),), vocabulary if vocabulary.is_file() else None)


def audio_folder(table: Path) -> Path:
    """Where the sounds of a CSV lie: in a folder with its name, in audio/, or in the same folder."""
    folders = [folder for folder in (table.with_suffix(""), table.parent / "audio") if folder.is_dir()]
    return next((folder for folder in folders if audio_files(folder)), table.parent)


def audio_files(folder: Path) -> list[str]:
    """Names of the sound files right in a folder, sorted."""
    if not folder.is_dir():
        return []
    return sorted(file.name for file in folder.iterdir() if file.suffix.lower() in ENDINGS)
