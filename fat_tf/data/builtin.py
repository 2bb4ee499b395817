"""The data set that a command works on: the person's folder, or the built-in one."""

from pathlib import Path

from fat_tf.data.tables import AudioDataset, read_dataset

HOME = Path("~/.cache/fat_tf").expanduser()
SYNTHETIC, FEATURES = HOME / "synthetic", HOME / "features"


def open_dataset(data_dir: str | Path | None) -> AudioDataset:
    """The data set of a folder; without one the built-in set, which is made on first use."""
    if data_dir:
        return read_dataset(data_dir)
    from fat_tf.data.synthetic import make_synthetic  # SciPy takes a while to import

    return read_dataset(make_synthetic(SYNTHETIC))
