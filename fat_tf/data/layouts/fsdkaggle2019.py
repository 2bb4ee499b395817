"""FSDKaggle2019, as Kaggle and as Zenodo give it."""

from pathlib import Path

from fat_tf.data.layouts.layout import Layout, Part
from fat_tf.errors import UserError

NAME = "FSDKaggle2019"


def kaggle(folder: Path) -> Layout | None:
    """train_curated.csv, train_noisy.csv, sample_submission.csv (or test.csv, with labels) and a folder for each."""
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


def zenodo(folder: Path) -> Layout | None:
    """FSDKaggle2019.meta/ with the tables, FSDKaggle2019.audio_train_curated/ and so on."""
    meta = folder / f"{NAME}.meta"
    if not meta.is_dir():
        return None
    tables = {
        source: (meta / f"{name}_post_competition.csv", folder / f"{NAME}.audio_{name}")
        for source, name in (("curated", "train_curated"), ("noisy", "train_noisy"), ("test", "test"))
    }
    if not tables["curated"][0].is_file():
        raise UserError(f"{tables['curated'][0]} is missing: unpack {NAME}.meta.zip again")
    vocabulary = meta / "vocabulary.csv"
    return Layout(_existing(tables), vocabulary if vocabulary.is_file() else None)


def _existing(tables: dict[str, tuple[Path, Path]]) -> tuple[Part, ...]:
    """The parts whose table is there; noisy and test clips are optional."""
    return tuple(Part(source, table, audio) for source, (table, audio) in tables.items() if table.is_file())
