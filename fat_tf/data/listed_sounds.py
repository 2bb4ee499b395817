"""The files that the names in a table mean, which people write in more ways than one."""

import os
import unicodedata
from collections import defaultdict
from functools import cached_property
from pathlib import Path

from fat_tf.data.sound_files import Listings, files_below
from fat_tf.errors import UserError, listed
from fat_tf.names import as_on_disk


class ListedSounds:
    """Finds listed names in a folder, which is looked through once, and only if a name is no path in it.

    A name may lack its ending or the sub-folders above it, be in another case or Unicode form than on the disk, spelled
    where it is not UTF-8 there, begin with the folder's own name, or be absolute.

    Args:
        folder: of the sounds.
        listings: tell what is there, where others ask them too.
    """

    def __init__(self, folder: Path, listings: Listings | None = None):
        self._folder, self._listings = folder, listings or Listings()

    def find(self, name: str) -> str | None:
        """Path of the file that a name means; None where there is none.

        Raises:
            UserError: it may be more than one file.
        """
        on_disk = as_on_disk(name)
        for path in (os.path.join(self._folder, name), os.path.join(self._folder, on_disk)):
            if self._listings.has(path):
                return path
        key = _key(on_disk)
        for wanted in (key, key.removeprefix(f"{_key(self._folder.name)}/")):
            for index in self._indices:
                if found := _meant(wanted, index.get(os.path.basename(wanted), {})):
                    return os.path.join(self._folder, _only(name, found, self._folder))
        return None

    def find_only(self, name: str) -> str | None:
        """The same; None also where it may be more than one file."""
        try:
            return self.find(name)
        except UserError:
            return None

    @cached_property
    def _indices(self) -> tuple[dict[str, dict[str, list[str]]], ...]:
        """By file name, with and without ending: the keys of all sounds of that name, and their paths."""
        whole, stems = (defaultdict(lambda: defaultdict(list)) for _ in range(2))
        for path in files_below(self._folder).sounds:
            key = _key(path)
            stem = os.path.splitext(key)[0]
            whole[os.path.basename(key)][key].append(path)
            stems[os.path.basename(stem)][stem].append(path)
        return whole, stems


def _key(name: str) -> str:
    """A name as it is compared: however it was typed, and on whichever system."""
    return os.path.normpath(unicodedata.normalize("NFC", name.strip().replace("\\", "/")).casefold())


def _meant(wanted: str, by_key: dict[str, list[str]]) -> list[str]:
    """The path itself, or else all that end in it."""
    below = [path for key, paths in by_key.items() if key.endswith(f"/{wanted}") for path in paths]
    return by_key.get(wanted) or below


def _only(name: str, paths: list[str], folder: Path) -> str:
    if len(paths) > 1:
        raise UserError(f"{name} may be {listed(paths)} in {folder}: list it with its folder and its ending")
    return paths[0]
