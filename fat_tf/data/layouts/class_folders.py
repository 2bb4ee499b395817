"""A folder a class: dog/a.wav, without any table."""

from pathlib import Path

import pandas as pd

from fat_tf.data.csv_table import clean
from fat_tf.data.layouts.layout import Layout, Part
from fat_tf.data.sound_files import files_below, left_out
from fat_tf.errors import UserError, listed
from fat_tf.names import spelled
from fat_tf.notices import say

BACKGROUND = {"background", "noise", "other", "silence"}  # names of folders, in lower case, whose clips have no label
TRAIN = {"train": "curated", "training": "curated"}
SPLITS = {
    **TRAIN,
    **dict.fromkeys(("val", "valid", "validation", "dev"), "curated"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation"), "test"),
}


def class_folders(folder: Path) -> Layout | None:
    """Each folder with sounds, at any depth below it, is a class; train/, val/ and test/ may lie above them.

    Raises:
        UserError: sounds beside the folders, one folder alone that holds others, train/ or the like with folders in it
            beside others, or a comma in the name of a class.
    """
    files = files_below(folder)
    places = [Path(sound).parts for sound in files.sounds]
    tops = {place[0] for place in places if len(place) > 1}
    if not tops:
        return None
    splits = {top.lower() for top in tops}
    depth = 1 if splits & TRAIN.keys() and splits <= SPLITS.keys() else 0  # of the classes
    _check(folder, places, tops, depth)
    say(left_out(files.others))
    sources = pd.Series([SPLITS[place[0].lower()] if depth else "curated" for place in places])
    labels = [_labels(spelled(place[depth])) for place in places]
    rows = pd.DataFrame({"fname": list(map(spelled, files.sounds)), "labels": labels})
    there = [source for source in ("curated", "test") if (sources == source).any()]
    return Layout(tuple(Part(source, folder, folder, rows[sources == source]) for source in there))


def _check(folder: Path, places: list[tuple[str, ...]], tops: set[str], depth: int) -> None:
    if loose := ["/".join(place) for place in places if len(place) < depth + 2]:
        raise UserError(
            f"{folder} has a folder a class, and sounds that lie in none: {listed(loose)}. Move them into one"
        )
    deep = sorted({place[0] for place in places if len(place) > 2 and place[0].lower() in SPLITS})
    if len(tops) > 1 and not depth and deep:
        others = sorted(top for top in tops if top.lower() not in SPLITS) or ["no train"]
        raise UserError(
            f"{folder} has {listed(deep)}, with folders in them, and {listed(others)}: a set in parts is train and "
            "perhaps val, test. Move the others away, or the sounds of a class right into its folder"
        )
    if len(tops) == 1 and not depth and any(len(place) > 2 for place in places):
        (top,) = tops
        raise UserError(
            f"{folder} has one folder with sounds: if those in it are the classes, --data_dir={folder / top}"
        )


def _labels(name: str) -> tuple[str, ...]:
    if "," in name:
        raise UserError(f"Class folder {name!r} has a comma in its name, which stands between labels: rename it")
    return () if name.lower() in BACKGROUND else (clean(name),)
