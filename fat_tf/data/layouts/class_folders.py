"""A folder a class: dog/a.wav, without any table."""

from pathlib import Path

import pandas as pd

from fat_tf.data.csv_table import clean
from fat_tf.data.layouts.layout import Layout, Part
from fat_tf.data.sound_files import files_below, files_in, left_out
from fat_tf.errors import UserError, listed, say
from fat_tf.names import spelled

BACKGROUND = {"background", "noise", "other", "silence"}  # names of folders, in lower case, whose clips have no label
SPLITS = {"train": "curated", "test": "test"}


def class_folders(folder: Path) -> Layout | None:
    """Each folder with sounds, at any depth below it, is a class; train/ and test/ may lie above them.

    Raises:
        UserError: sounds beside the folders, or a comma in the name of one.
    """
    inside = {child.name.lower(): child for child in sorted(folder.iterdir()) if child.is_dir()}
    places = {source: inside[name] for name, source in SPLITS.items() if name in inside}
    parts = [_part(source, place) for source, place in (places if "curated" in places else {"curated": folder}).items()]
    return Layout(tuple(filter(None, parts))) if parts[0] else None


def _part(source: str, folder: Path) -> Part | None:
    files, loose = files_below(folder), files_in(folder).sounds
    if len(files.sounds) == len(loose):
        return None
    if loose:
        raise UserError(
            f"{folder} has a folder a class, and sounds that lie in none: {listed(loose)}. Move them into one"
        )
    say(left_out(files.others))
    labels = [_labels(spelled(Path(sound).parts[0])) for sound in files.sounds]
    return Part(source, folder, folder, pd.DataFrame({"fname": list(map(spelled, files.sounds)), "labels": labels}))


def _labels(folder: str) -> tuple[str, ...]:
    if "," in folder:
        raise UserError(f"Class folder {folder!r} has a comma in its name, which stands between labels: rename it")
    return () if folder.lower() in BACKGROUND else (clean(folder),)
