"""Where configuration files lie."""

from pathlib import Path

from fat_tf.config.messages import ConfigError, did_you_mean, listed

PACKAGE = Path(__file__).parents[1]
SHIPPED = (PACKAGE.parent / "gin", PACKAGE / "gin")  # the repository's configurations, the installed copy


def search_path() -> list[Path]:
    """Folders in which a bare name like m3.gin is looked up."""
    return [folder for shipped in SHIPPED for folder in (shipped, *sorted(shipped.glob("*/")))]


def find(file: str) -> Path:
    """The configuration file of this name."""
    places = [Path(file), *(folder / file for folder in search_path())]
    for place in places:
        if place.is_file():
            return place
    there = {path.stem: path.name for folder in search_path() for path in folder.glob("*.gin")}
    hint = did_you_mean(Path(file).stem, there, after=".gin") or f"; there are: {listed(sorted(there.values()))}"
    raise ConfigError(f"No configuration {file}{hint}")
