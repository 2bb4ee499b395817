"""Where the sounds of a run's clips lie now."""

import os
from functools import cached_property
from pathlib import Path

from fat_tf.data.builtin import default_place
from fat_tf.data.listed_sounds import ListedSounds
from fat_tf.data.moved_sounds import MovedSounds
from fat_tf.names import as_on_disk
from fat_tf.runs.manifest import read_manifest
from fat_tf.runs.run_tables import read_run_tables
from fat_tf.storage.urls import local


class ClipFiles:
    """Finds the sound of a clip where the run found it, or else by its name.

    Args:
        run: folder of a run.
        audio: folder to look in for those that are there no more, if they were moved.

    Raises:
        UserError: none of the clips is in that folder.
    """

    def __init__(self, run: Path, audio: str | Path | None = None):
        manifest = read_manifest(run)
        clips = read_run_tables(run, manifest).clips
        self._root = _root(manifest.data_dir)
        paths = clips["path"] if "path" in clips else [""] * len(clips)
        self._below = dict(zip(zip(clips["source"], clips["fname"], strict=True), paths, strict=True))
        self._moved = MovedSounds(audio, map(self._names, clips["source"], clips["fname"])) if audio else None

    def find(self, source: str, fname: str) -> str | None:
        """Path of a clip's sound; None where it is not found, or may be one of several."""
        if path := self._where_it_was(source, fname):
            return path
        return self._moved.find(*self._names(source, fname)) if self._moved else None

    def _where_it_was(self, source: str, fname: str) -> str | None:
        if below := self._below.get((source, fname)):
            path = os.path.join(self._root, as_on_disk(below))
            return path if os.path.isfile(path) else None
        return self._in_the_data_set.find_only(fname)

    def _names(self, source: str, fname: str) -> tuple[str, ...]:
        """Of a clip, below the folder of the data set and by itself."""
        return (self._below.get((source, fname)) or fname, fname)

    @cached_property
    def _in_the_data_set(self) -> ListedSounds:
        return ListedSounds(self._root)


def _root(data_dir: str | None) -> Path:
    if not data_dir:
        return default_place() / "synthetic"
    place = local(data_dir)
    return place.parent if place.is_file() else place
