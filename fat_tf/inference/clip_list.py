"""Which sounds to score: files, folders and lists."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fat_tf.data.csv_table import ENDINGS as TABLES
from fat_tf.data.csv_table import read_table
from fat_tf.data.endings import ENDINGS
from fat_tf.data.layouts.one_table import audio_folder
from fat_tf.data.listed_sounds import ListedSounds
from fat_tf.data.sound_files import files_below, left_out
from fat_tf.errors import UserError, listed
from fat_tf.names import spelled
from fat_tf.notices import say


@dataclass(frozen=True, slots=True)
class Clip:
    """A sound to score. fname: its name in the scores; path: its file."""

    fname: str
    path: str


def find_clips(places: Iterable[str | Path]) -> list[Clip]:
    """The clips of files, folders (with all folders below) and CSV lists with a column fname, in this order.

    A file is called by its name, one of a folder by its path below it, spelled (`fat_tf.names`) where that is not
    UTF-8, one of a list as it is there; the sounds of a list lie beside it, in `audio/`, in a folder named like it, or
    below there. A list may name a clip twice.

    Raises:
        UserError: nothing there, no sounds, a list without any of its sounds, one name for two files.
    """
    clips = [clip for place in places for clip in _clips_of(Path(place))]
    _check_names(clips)
    return clips


def _clips_of(place: Path) -> list[Clip]:
    if place.is_dir():
        return _of_folder(place)
    if not place.exists():
        raise UserError(f"{place} is not there: give a sound file, a folder of sounds or a CSV list with --audio")
    return _of_list(place) if place.suffix.lower() in TABLES else [Clip(spelled(place.name), str(place))]


def _of_folder(folder: Path) -> list[Clip]:
    files = files_below(folder)
    if not files.sounds:
        endings = listed(sorted(ENDINGS))
        raise UserError(f"{folder} holds no sound files, nor do the folders below it (looked for {endings})")
    say(left_out(files.others))
    return [Clip(spelled(sound), os.path.join(folder, sound)) for sound in files.sounds]


def _of_list(table: Path) -> list[Clip]:
    fnames = read_table(table, ["fname"])["fname"]
    folder = audio_folder(table)
    sounds = ListedSounds(folder)
    clips = [Clip(fname, sounds.find(fname) or os.path.join(folder, fname)) for fname in fnames]
    if not any(os.path.isfile(clip.path) for clip in clips):
        raise UserError(
            f"None of the {len(clips)} sounds that {table} lists is in {folder}. They may lie beside the list, in "
            "audio/, or in a folder named like it; or give their own folder as --audio"
        )
    return clips


def _check_names(clips: list[Clip]) -> None:
    path_of = {clip.fname: clip.path for clip in clips}
    if clash := next((clip for clip in clips if path_of[clip.fname] != clip.path), None):
        raise UserError(
            f"{clash.path} and {path_of[clash.fname]} would both be called {clash.fname} in the scores: "
            "score the folder above them, or one after the other"
        )
