"""The only driver of gin: configuration files, their search path, and what was used."""

import difflib
import importlib.util  # gin's search for files needs it imported
import logging
import re
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import PathFinder
from pathlib import Path

import gin

PACKAGE = Path(__file__).parent
SHIPPED = (PACKAGE.parent / "gin", PACKAGE / "gin")  # the repository's configurations, the installed copy
SHOWN = 30  # names that a message lists
BINDING = re.compile(r"^([\w./]+)\s*=", re.MULTILINE)
IMPORT = re.compile(r"^(?:import|from)[ \t]+([\w.]+)(?:[ \t]+import[ \t]+(\w+))?", re.MULTILINE)
INCLUDE = re.compile(r"""^include[ \t]+['"](.+?)['"]""", re.MULTILINE)
LIBRARIES = tuple({*map(sysconfig.get_path, ("purelib", "platlib", "stdlib")), str(PACKAGE)})

OWN_PARTS = "own_parts"  # folder in a run with the modules that it was made with

_own: list[str] = []  # modules of a person's own that the last configuration imported
_texts: dict[str, str] = {}  # what such modules were when they were imported, in this process

_loaded: list[tuple[str, ...]] = [(), ()]  # gin does not remember its files


class ConfigError(Exception):
    """A configuration that cannot be used: says in one line, `message`, what is wrong, where, and the remedy."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


def check(gin_files: Sequence[str], gin_params: Sequence[str]) -> None:
    """Look for what is wrong without importing what the files configure.

    Raises:
        ConfigError: a file that is not there.
    """
    for file in gin_files:
        find(file)


def load(gin_files: Sequence[str], gin_params: Sequence[str] = (), module_folders: Sequence[Path] = ()) -> None:
    """Parse configuration files, then single bindings that win over them.

    Args:
        gin_files: looked up as given, then in the folders of the repository's gin/, then in the installed copy.
        gin_params: bindings like "Recipe.epochs = 60" or "EPOCHS = 60".
        module_folders: where modules that the files import are looked up too, after the file's own folder and the
            current one, and before the Python path.

    Raises:
        ConfigError: a file that is not there, an unknown name, a text that gin does not understand, a module that
            cannot be imported.
    """
    gin.clear_config()
    _own.clear()
    logging.getLogger().addFilter(_no_false_alarm)
    for folder in search_path():
        gin.add_config_file_search_path(str(folder))
    files = [str(find(file)) for file in gin_files]
    for file in files:
        _import_modules_of(Path(file), module_folders)
    try:
        gin.parse_config_files_and_bindings(files, list(gin_params), skip_unknown=False)
    except (ValueError, AttributeError, TypeError, NameError, SyntaxError, OSError, RuntimeError) as error:
        raise ConfigError(f"Configuration {_listed([*gin_files, *gin_params])}: {_one_line(error)}") from error
    _loaded[:] = [tuple(map(str, gin_files)), tuple(gin_params)]


def loaded() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(gin_files, gin_params) as the configuration was loaded from them."""
    return tuple(_loaded)


def own_modules() -> list[str]:
    """Names of the modules that the last configuration imported and that are neither the package's nor installed."""
    return list(_own)


def _import_modules_of(file: Path, more_folders: Sequence[Path]) -> None:
    """Import what a file and the files it includes import."""
    text = file.read_text()
    for name in INCLUDE.findall(text):
        _import_modules_of(find(name), more_folders)
    for module, part in IMPORT.findall(text):
        name = f"{module}.{part}".rstrip(".")
        if name.partition(".")[0] not in (PACKAGE.name, "__gin__"):
            import_module(name, [file.parent, file.parent / OWN_PARTS, Path.cwd(), *more_folders], str(file))


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
        places = _listed(list(dict.fromkeys(str(folder.absolute()) for folder in folders)))
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
    return file.read_text() if file.is_file() else "\0".join(one.read_text() for one in sorted(file.rglob("*.py")))


def _told(error: BaseException, file: Path) -> str:
    """What a module raised, and where in it."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename.startswith(str(file.absolute()))]
    line = error.lineno if isinstance(error, SyntaxError) else (lines or [0])[-1]
    return f"{file}{f', line {line}' if line else ''}: {type(error).__name__}: {_one_line(error)}"


def make(name: str) -> object:
    """The configured object of this name.

    Raises:
        ConfigError: it lacks a value, or refuses one.
    """
    with clear_errors():
        return gin.get_configurable(name)()


def is_bound(name: str) -> bool:
    """Whether the configuration binds this parameter."""
    try:
        gin.query_parameter(name)
        return True
    except ValueError:
        return False


def bound_to(function: Callable) -> dict[str, object]:
    """The parameters of a function that the configuration binds."""
    try:
        return gin.get_bindings(function)
    except ValueError:  # not known to gin
        return {}


@contextmanager
def clear_errors() -> Iterator[None]:
    """Show what a configured object has against its values as a ConfigError of one line."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise ConfigError(f"Configuration: {_one_line(error)}") from error


def search_path() -> list[Path]:
    """Folders in which a bare name like m3.gin is looked up."""
    return [folder for shipped in SHIPPED for folder in (shipped, *sorted(shipped.glob("*/")))]


def find(file: str) -> Path:
    """The configuration file of this name."""
    places = [Path(file), *(folder / file for folder in search_path())]
    for place in places:
        if place.is_file():
            return place
    there = sorted({path.name for folder in search_path() for path in folder.glob("*.gin")})
    raise ConfigError(f"No configuration {file}; there are: {_listed(there)}")


def _no_false_alarm(record: logging.LogRecord) -> bool:
    """gin logs an error for each folder of its search path that lacks a file, found elsewhere or not."""
    return "Path not found" not in record.getMessage()


def _one_line(error: Exception) -> str:
    """gin's message on one line, without the frames of the parser."""
    return " ".join(line.strip() for line in str(error).strip().splitlines() if line.strip())


def parsed() -> str:
    """All bindings that were parsed."""
    return gin.config_str()


def operative() -> str:
    """All bindings that were used so far, defaults included."""
    return gin.operative_config_str()


def operative_markdown() -> str:
    """The same as Markdown, for TensorBoard."""
    return gin.markdown(operative())


def check_all_read(gin_params: Sequence[str]) -> None:
    """Raise a ConfigError that names the bindings of the command line that nothing has read."""
    used = set(BINDING.findall(operative()))
    names = {param: param.split("=")[0].strip() for param in gin_params}
    unread = [param for param, name in names.items() if not any(_same(name, one) for one in used)]
    if unread:
        raise ConfigError(
            f"Nothing in this run reads --gin_param {_listed(unread)}. What it reads: {_hint(unread, used)}"
        )


def _same(name: str, used: str) -> bool:
    """Whether two names of a binding mean the same: either may leave out modules in front, the given one its scope."""
    used = used if "/" in name else used.rsplit("/", 1)[-1]
    return name == used or ("." in name and "." in used and (name.endswith(f".{used}") or used.endswith(f".{name}")))


def _hint(unread: Sequence[str], used: set[str]) -> str:
    """The names that a person may have meant."""
    last = {name: name.rsplit(".", 1)[-1].lower() for name in used}
    wanted = [param.split("=")[0].strip().rsplit(".", 1)[-1].lower() for param in unread]
    close = {match for name in wanted for match in difflib.get_close_matches(name, last.values(), cutoff=0.75)}
    return _listed(sorted(name for name in used if last[name] in close) or sorted(used))


def _listed(names: Sequence[str]) -> str:
    more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
