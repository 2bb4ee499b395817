"""Where things of a person are kept: below the home directory, or in a stand-in where that cannot be written to."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

CACHE = "FAT_TF_CACHE"  # environment variable: folder of log-mels, mirrors and the built-in set, instead of the home's
LIBRARIES = {"KERAS_HOME": ".keras", "MPLCONFIGDIR": ".config/matplotlib", "HF_HOME": ".cache/huggingface"}


def kept_in(folder: str) -> Path:
    """A folder below the home directory; below the stand-in where there is no home, or an unwritable one."""
    home = Path(os.path.expanduser("~"))  # Path.home() raises where nobody knows one
    is_there = home.is_absolute() and home.is_dir()
    return home / folder if is_there and can_be_made(home / folder) else stand_in() / folder


def cache_place() -> Path:
    """Where what can be had again is kept: $FAT_TF_CACHE, or a folder of the home directory."""
    return Path(place) if (place := os.environ.get(CACHE)) else kept_in(".cache/fat_tf")


def stand_in() -> Path:
    """A folder of this user among the temporary files: the next call finds again what this one keeps."""
    return Path(tempfile.gettempdir()) / f"fat_tf-{getattr(os, 'getuid', int)()}"


def can_be_made(folder: Path) -> bool:
    """Whether a folder can be written to, or made where it is not there yet."""
    there = next((place for place in (folder, *folder.parents) if os.path.lexists(place)), folder)
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def lead_libraries() -> None:
    """Have Keras, Matplotlib and Gradio keep their things in the stand-in, where they would in no home directory."""
    with suppress(FileNotFoundError):  # no folder for temporary files either
        for variable, folder in LIBRARIES.items():
            if (place := kept_in(folder)).is_relative_to(stand_in()):
                os.environ.setdefault(variable, str(place))
