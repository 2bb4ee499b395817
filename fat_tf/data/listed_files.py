"""The files that tables list, against those that are there."""

import os
from pathlib import Path

import pandas as pd

from fat_tf.data.csv_table import ENDINGS
from fat_tf.data.layouts.layout import Layout, Part
from fat_tf.data.sound_files import Listings, files_in, left_out
from fat_tf.errors import UserError, listed
from fat_tf.notices import say


def check_files(
    clips: pd.DataFrame, layout: Layout, unlisted: str, dropped: tuple[str, ...], listings: Listings
) -> None:
    """Each listed file is there and listed once, and each sound beside one is listed; says what is no sound.

    Args:
        clips: fname, path, source, table and line.
        unlisted, dropped: see `read_dataset`.
        listings: of the folders, perhaps of a moment before.

    Raises:
        UserError: it is not so.
    """
    if unlisted not in ("stop", "ignore"):
        raise UserError(f'read_dataset.unlisted is "stop" or "ignore", not {unlisted!r}')
    for part in layout.parts:
        _check_listed(clips[clips["source"] == part.source], part, listings)
    tables = {part.audio: part.table.name for part in layout.parts if part.table.is_file()}
    for audio, table in tables.items():
        _check_unlisted(audio, table, set(clips["path"]), unlisted, dropped)


def _check_listed(clips: pd.DataFrame, part: Part, listings: Listings) -> None:
    twice = clips[clips["path"].map(os.path.normpath).duplicated(keep=False)]
    if len(twice):
        raise UserError(f"{part.table}: names listed more than once: {_lines(twice)}. Keep one row a clip")
    gone = clips[[not listings.has(path) for path in clips["path"]]]
    if len(gone):
        raise UserError(
            f"{part.table} lists {len(gone)} files that are not in {part.audio}: {_lines(gone)}. If they were moved, "
            "name their folder with --gin_param=\"read_dataset.audio='FOLDER'\""
        )


def _lines(clips: pd.DataFrame) -> str:
    return listed(f"{fname} (line {line})" for fname, line in clips[["fname", "line"]].itertuples(index=False))


def _check_unlisted(audio: Path, table: str, paths: set[str], unlisted: str, dropped: tuple[str, ...]) -> None:
    """Looks in the folder of the sounds, and in those below it that hold a listed one."""
    known = set(map(os.path.normpath, paths))
    of_listed = map(Path, set(map(os.path.dirname, known)))
    folders = {audio} | {folder for folder in of_listed if folder.is_relative_to(audio)}
    found = {folder: files_in(folder) for folder in sorted(folders)}
    sounds = (os.path.join(folder, name) for folder, files in found.items() for name in files.sounds)
    extra = [
        sound
        for sound in map(Path, (sound for sound in sounds if os.path.normpath(sound) not in known))
        if not {sound.name, sound.stem} & set(dropped)
    ]
    if extra and unlisted == "stop":
        raise UserError(
            f"{audio} holds {len(extra)} sound files that {table} does not list: "
            f"{listed(sound.relative_to(audio) for sound in extra)}. "
            "List them, move them away, or pass --gin_param=\"read_dataset.unlisted='ignore'\""
        )
    others = [name for files in found.values() for name in files.others]
    say(left_out(name for name in others if Path(name).suffix.lower() not in ENDINGS))
