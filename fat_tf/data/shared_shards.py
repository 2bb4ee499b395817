"""Shards of the feature cache that machines share by a URL: each is written once, whole, and never changed.

A shard's table is copied there after the shard, so what a table names is whole. There is no lock: each pass has a name
of its own, and two machines that compute the same clips at the same time both keep them, to no harm but the work.
"""

from collections.abc import Collection
from functools import cached_property
from pathlib import Path

import pandas as pd

from fat_tf.errors import UserError, counted
from fat_tf.notices import say, warn
from fat_tf.storage.remote import Remote, at_once

TABLE = ".csv"


class SharedShards:
    """The remote counterpart of a cache's folder.

    Args:
        url: of the shards of one front end's settings.
        folder: where they are here.
    """

    def __init__(self, url: str, folder: Path):
        self._url, self._folder = url, folder

    @cached_property
    def _remote(self) -> Remote:
        return Remote(self._url)

    def fetch(self, keys: Collection[str]) -> None:
        """Fetch the shards that hold these clips, as far as others have computed them.

        Raises:
            UserError: the storage cannot be reached.
        """
        if not keys:
            return
        there = self._remote.stamps()
        self._fetch(there, [name for name in there if name.endswith(TABLE)])
        shards = [name for name in there if f"{name}{TABLE}" in there and self._holds(name, keys)]
        if wanted := self._fetch(there, shards):
            say(f"Log-mels of {self._url}: {counted(wanted, 'shard')} fetched")

    def _fetch(self, there: dict, names: list[str]) -> int:
        missing = [name for name in names if not (self._folder / name).exists()]
        at_once(lambda name: self._remote.fetch(name, self._folder / name, there[name]), missing, "Fetching log-mels")
        return len(missing)

    def _holds(self, shard: str, keys: Collection[str]) -> bool:
        try:
            return not keys.isdisjoint(pd.read_csv(self._folder / f"{shard}{TABLE}", usecols=["key"])["key"])
        except (OSError, ValueError):
            return False

    def push(self, shard: Path) -> None:
        """Copy a shard there; one that cannot be is warned of, as this machine has what it needs."""
        try:
            for file in (shard, Path(f"{shard}{TABLE}")):
                self._remote.push(file, file.relative_to(self._folder).as_posix())
        except UserError as error:
            warn(f"{error.message}. The log-mels are in the mirror {shard}, and other machines compute them anew")
