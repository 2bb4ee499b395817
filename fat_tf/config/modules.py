"""Modules that configuration files import: the package's, installed ones, and those of a person's own."""

import importlib.util  # gin's search for files needs it imported too
import sys
import sysconfig
import traceback
from collections.abc import Sequence
from importlib.machinery import PathFinder
from pathlib import Path

import gin

from fat_tf.config.gin_files import PACKAGE
from fat_tf.config.messages import ConfigError, listed, one_line

LIBRARIES = tuple({*map(sysconfig.get_path, ("purelib", "platlib", "stdlib")), str(PACKAGE)})
OWN_PARTS = "own_parts"  # folder in a run with the modules that it was made with

_own: list[str] = []  # modules of a person's own that the last configuration imported
_texts: dict[str, str] = {}  # what such modules were when they were imported, in this process


def own_modules() -> list[str]:
    """Names of the modules that the last configuration imported and that are neither the package's nor installed."""
    return list(_own)


def forget_own_modules() -> None:
    """A new configuration begins."""
    _own.clear()


def import_module(name: str, folders: Sequence[Path], wanted_by: str) -> None:
    """Import a module from the first of these folders that has it, or else from the Python path.

    Args:
        name: with dots.
        folders: searched first; the module's own imports find what lies in them too.
        wanted_by: the file that asks for it, for messages.

    Raises:
        ConfigError: there is no such module, it raises something, or another one of its name is imported already.
    """
    top = name.partition(".")[0]
    file = _module_file(top, folders, wanted_by)
    is_own = not str(file).startswith(LIBRARIES)
    if is_own:
        _check_same(top, file, wanted_by)
    before = list(sys.path)
    sys.path[:0] = [str(folder.absolute()) for folder in folders]
    try:
        with gin.unlock_config(), gin.config.interactive_mode():  # an import that failed half-way registered names
            importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise ConfigError(f"{wanted_by}: import {name}: {_told(error, file)}") from error
    finally:
        sys.path[:] = before
    if is_own:
        _texts.setdefault(top, _text(file))
        _own.extend({top} - set(_own))


def _module_file(top: str, folders: Sequence[Path], wanted_by: str) -> Path:
    """The file of a module, or the folder of a package."""
    importlib.invalidate_caches()  # it may be new
    spec = PathFinder.find_spec(top, [str(folder.absolute()) for folder in folders]) or importlib.util.find_spec(top)
    if not spec:
        places = listed(list(dict.fromkeys(str(folder.absolute()) for folder in folders)))
        raise ConfigError(f"{wanted_by}: import {top}: there is no {top}.py in {places}, nor on the Python path")
    return Path(spec.submodule_search_locations[0] if spec.submodule_search_locations else spec.origin)


def _check_same(top: str, file: Path, wanted_by: str) -> None:
    """A process has one module of a name."""
    there = getattr(sys.modules.get(top), "__file__", None) or top
    if top in sys.modules and _text(file) != (_texts.get(top) or _text(Path(there))):
        raise ConfigError(
            f"{wanted_by}: import {top}: {file} is not what {there} was when this process imported it. "
            "Use the two in processes of their own"
        )


def _text(file: Path) -> str:
    """Of a module; of all files of a package."""
    files = [file] if file.is_file() else sorted(file.rglob("*.py"))
    return "\0".join(one.read_text("utf-8") for one in files)


def _told(error: BaseException, file: Path) -> str:
    """What a module raised, and where in it."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename.startswith(str(file.absolute()))]
    line = error.lineno if isinstance(error, SyntaxError) else (lines or [0])[-1]
    return f"{file}{f', line {line}' if line else ''}: {type(error).__name__}: {one_line(error)}"
