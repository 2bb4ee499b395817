"""The data set that a command works on: the person's folder, or the built-in one."""

from functools import cache
from pathlib import Path

from fat_tf.data.tables import AudioDataset, read_dataset
from fat_tf.home import cache_place, stand_in


@cache
def default_place() -> Path:
    """Where the built-in data set and log-mels are kept; says so where it is not below the home directory."""
    place = cache_place()
    if place.is_relative_to(stand_in()):
        print(f"No home directory that can be written to: what is computed is kept in {place}", flush=True)
    return place


def features_folder() -> Path:
    """Where log-mels are kept that no other place was given for."""
    return default_place() / "features"


def open_dataset(data_dir: str | Path | None) -> AudioDataset:
    """The data set of a folder; without one the built-in set, which is made on first use."""
    if data_dir:
        return read_dataset(data_dir)
    from fat_tf.data.synthetic import make_synthetic  # SciPy takes a while to import

    return read_dataset(make_synthetic(default_place() / "synthetic"))
