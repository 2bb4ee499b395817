"""The data set that a command works on: the person's folder, or the built-in one."""

from pathlib import Path

from fat_tf.data.synthetic import make_synthetic
from fat_tf.data.tables import AudioDataset, read_dataset

HOME = Path("~/.cache/fat_tf").expanduser()
SYNTHETIC, FEATURES = HOME / "synthetic", HOME / "features"


def open_dataset(data_dir: str | Path | None) -> AudioDataset:
    """The data set of a folder; without one the built-in set, which is made on first use."""
    return read_dataset(data_dir if data_dir else make_synthetic(SYNTHETIC))
