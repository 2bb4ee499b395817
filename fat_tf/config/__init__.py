"""The only driver of gin: configuration files, what they configure, and what was used of them."""

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from difflib import get_close_matches
from functools import partial
from pathlib import Path

import gin

from fat_tf.config.checks import check_kinds, check_names
from fat_tf.config.gin_files import PACKAGE, SHIPPED, find, search_path
from fat_tf.config.messages import ConfigError, did_you_mean, listed, one_line
from fat_tf.config.modules import LIBRARIES, OWN_PARTS, forget_own_modules, import_module, own_modules
from fat_tf.config.scan import Scan

__all__ = [
    "LIBRARIES",
    "OWN_PARTS",
    "PACKAGE",
    "SHIPPED",
    "ConfigError",
    "Scan",
    "as_config_errors",
    "bindings",
    "bound_to",
    "check",
    "check_all_read",
    "check_of_ensemble",
    "find",
    "import_module",
    "is_bound",
    "load",
    "loaded",
    "make",
    "operative",
    "own_modules",
    "parsed",
    "unread",
]
BINDING = re.compile(r"^([\w./]+)\s*=", re.MULTILINE)
VALUE = re.compile(r"^([\w./]+) = (.*(?:\n[ \t]+.*)*)", re.MULTILINE)  # as gin writes it
LACKING = re.compile(r"for arguments: \[(.*)\](?s:.*)In call to configurable '(.*?)'.*?(?:in scope '(.*)')?$")
PARSING = (ImportError, ValueError, AttributeError, TypeError, NameError, SyntaxError, OSError, RuntimeError)
WHOLE = {"Recipe.model", "Ensemble.members"}  # a configuration that can be trained binds one of them

OF_ENSEMBLE = {"", "Ensemble", "RayExecutor"}  # what a configuration of an ensemble binds; "" of macros

# gin reads its files in the locale's encoding. Its reader of files cannot be replaced otherwise.
gin.config._FILE_READERS[:] = [(partial(open, encoding="utf-8"), os.path.isfile)]

_loaded: list[tuple[str, ...]] = [(), ()]  # gin does not remember its files


def check(gin_files: Sequence[str], gin_params: Sequence[str], trains: bool = False) -> None:
    """Say what is wrong with a configuration, as far as it shows without importing what it configures.

    Args:
        gin_files, gin_params: as for `load`.
        trains: whether it must have a model to train, or members of an ensemble.

    Raises:
        ConfigError: a file that is not there, a text that is no binding, a macro that nothing reads.
    """
    scan = Scan(gin_files, gin_params)
    if trains and not WHOLE & {binding.name for binding in Scan(gin_files[:1], ()).bindings}:
        files = " ".join(f"--gin_file={file}" for file in dict.fromkeys(["m3.gin", gin_files[0]]))
        raise ConfigError(f"{gin_files[0]} has no model: give a file that has one before it, like {files}")
    scan.check_macros()


def check_of_ensemble(gin_files: Sequence[str]) -> None:
    """If there is an ensemble, its files bind what it reads: what is for its members is named in it.

    Raises:
        ConfigError: they bind something else.
    """
    bindings = Scan(gin_files, ()).bindings
    if "Ensemble.members" not in {binding.name for binding in bindings}:
        return
    macros = Scan(["base.gin"], ()).macros  # of members, like WIDTH
    read = {name for binding in bindings for name in binding.references("%")}
    idle = [
        binding
        for binding in bindings
        if binding.configurable.rpartition(".")[2] not in OF_ENSEMBLE
        or (binding.name in macros and binding.name not in read)
    ]
    if idle:
        binding = min(idle, key=lambda binding: binding.name not in WHOLE)
        raise ConfigError(
            f"{binding.where}: members of an ensemble do not read {binding.name}: name a file that is for them in "
            "Ensemble.gin_files, and a binding in Ensemble.gin_params"
        )


def load(gin_files: Sequence[str], gin_params: Sequence[str] = (), module_folders: Sequence[Path] = ()) -> None:
    """Parse configuration files, then single bindings that win over them.

    Args:
        gin_files: looked up as given, then in the folders of the repository's gin/, then in the installed copy.
        gin_params: bindings like "Recipe.epochs = 60" or "EPOCHS = 60".
        module_folders: where modules that the files import are looked up too, after the file's own folder and the
            current one, and before the Python path.

    Raises:
        ConfigError: a file that is not there, an unknown name, a text that gin does not understand, a module that
            cannot be imported, a value of another kind than its parameter takes.
    """
    gin.clear_config()
    forget_own_modules()
    logging.getLogger().addFilter(_no_false_alarm)
    for folder in search_path():
        gin.add_config_file_search_path(str(folder))
    scan = Scan(gin_files, gin_params)
    scan.check_macros()
    for name, file in scan.modules.items():
        import_module(name, [file.parent, file.parent / OWN_PARTS, Path.cwd(), *module_folders], str(file))
    with _as_config_errors(f"Configuration {listed([*gin_files, *gin_params])}", *PARSING):
        check_names(scan.bindings)
        files = [str(find(file)) for file in gin_files]
        gin.parse_config_files_and_bindings(files, list(gin_params), finalize_config=False)  # more may be imported
        check_kinds(scan.bindings, scan.macros)
    _loaded[:] = [tuple(map(str, gin_files)), tuple(gin_params)]


def loaded() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(gin_files, gin_params) as the configuration was loaded from them."""
    return tuple(_loaded)


def make(name: str) -> object:
    """The configured object of this name.

    Raises:
        ConfigError: it lacks a value, or refuses one.
    """
    with as_config_errors():
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


def as_config_errors() -> AbstractContextManager[None]:
    """Show what a configured object has against its values as a ConfigError of one line."""
    return _as_config_errors("Configuration", ValueError, TypeError)


@contextmanager
def _as_config_errors(where: str, *kinds: type[Exception]) -> Iterator[None]:
    try:
        yield
    except RecursionError as error:
        raise ConfigError(f"{where}: a part is bound to itself, like Trimmed.loss = @Trimmed") from error
    except kinds as error:
        raise ConfigError(f"{where}: {_told(error)}") from error


def _no_false_alarm(record: logging.LogRecord) -> bool:
    """gin logs an error for each folder of its search path that lacks a file, found elsewhere or not."""
    return "Path not found" not in record.getMessage()


def _told(error: Exception) -> str:
    """gin's message on one line; where a configured object lacks values, which, and whether its scope is misspelt."""
    if not (lacking := LACKING.search(str(error))):
        return one_line(error)
    parameters, name, scope = lacking.groups()
    parameters = parameters.replace("'", "")
    if not scope:
        return f"{name} lacks {parameters}: bind it, like {name}.{parameters.split(',')[0]} = …"
    there = {bound for bound, selector in gin.config._CONFIG if bound and selector.rsplit(".", 1)[-1] == name}
    return f"{scope}/{name} lacks {parameters}{did_you_mean(scope, there - {scope})}"


def parsed() -> str:
    """All bindings that were parsed."""
    return gin.config_str()


def operative() -> str:
    """All bindings that were used so far, defaults included."""
    return gin.operative_config_str()


def bindings(text: str) -> dict[str, str]:
    """What a configuration as text binds, by name."""
    return dict(VALUE.findall(text))


def check_all_read(gin_params: Sequence[str]) -> None:
    """Raise a ConfigError that names the bindings of the command line that nothing has read."""
    if not_read := unread(gin_params):
        used = set(BINDING.findall(operative()))
        raise ConfigError(
            f"Nothing in this run reads --gin_param {listed(not_read)}. What it reads: {_hint(not_read, used)}"
        )


def unread(bindings: Iterable[str]) -> list[str]:
    """Those of some bindings, like "WIDTH = 16", or of their names alone, that nothing has read."""
    used = set(BINDING.findall(operative()))
    names = {binding: binding.split("=")[0].strip() for binding in bindings}
    return [binding for binding, name in names.items() if not any(_read(name, one) for one in used)]


def _read(name: str, used: str) -> bool:
    """Whether what was used had its value from this binding: in a scope that binds it itself it had not."""
    return _same(name, used) and ("/" in name or "/" not in used or not is_bound(used))


def _same(name: str, used: str) -> bool:
    """Whether two names of a binding mean the same: either may leave out modules in front, the given one its scope."""
    used = used if "/" in name else used.rsplit("/", 1)[-1]
    return name == used or ("." in name and "." in used and (name.endswith(f".{used}") or used.endswith(f".{name}")))


def _hint(unread: Sequence[str], used: set[str]) -> str:
    """The names that a person may have meant."""
    last = {name: name.rsplit(".", 1)[-1].lower() for name in used}
    wanted = [param.split("=")[0].strip().rsplit(".", 1)[-1].lower() for param in unread]
    close = {match for name in wanted for match in get_close_matches(name, last.values(), cutoff=0.75)}
    return listed(sorted(name for name in used if last[name] in close) or sorted(used))
