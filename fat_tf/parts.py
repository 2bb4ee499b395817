"""Parts that a configuration brings along of its own: how one is made, and how what it raises is told in a line.

Where one is named, it is a function, an object that can be called, or a class without arguments that makes one;
docs/extending.md has an example of each kind.
"""

import ast
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fat_tf.config import LIBRARIES, ConfigError
from fat_tf.errors import UserError

BOLD = re.compile(r"\x1b\[\d*m")  # around what Keras has against a call
IN_GRAPH = re.compile(r'File "([^"]+)", line (\d+)')
LONGEST = 300  # characters of an error that are told


def made(part: Callable | type) -> Callable:
    """What a class makes; a function or an object as it is."""
    return part() if isinstance(part, type) else part


def attribute(part: object, name: str, default: object) -> object:
    """An attribute of a part; the configuration may have wrapped its function."""
    return getattr(inspect.unwrap(part) if callable(part) else part, name, default)


def name_of(part: object) -> str:
    """What messages call a part."""
    return getattr(part, "__name__", type(part).__name__)


@contextmanager
def blamed(what: str) -> Iterator[None]:
    """Show whatever is raised as a UserError of one line: what raised it, why, and where in the person's own files."""
    try:
        yield
    except (UserError, ConfigError):
        raise
    except Exception as error:
        raise UserError(f"{what}: {told(error)}") from error


def told(error: Exception) -> str:
    """An error in one line: its kind, its message, and the last line outside of libraries that it came through."""
    text = BOLD.sub("", str(error)).split("Arguments received by")[0]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if lines and lines[0] == "in user code:":  # a graph tells its frames in the text
        frames += [(file, int(line)) for file, line in IN_GRAPH.findall(text)]
        lines = lines[-1:]
    own = [(file, line) for file, line in frames if not file.startswith((*LIBRARIES, "<"))]
    place = f" ({own[-1][0]}, line {own[-1][1]})" if own else ""
    return f"{type(error).__name__}: {' '.join(lines)[:LONGEST]}{place}"


def sources(modules: Iterable[str]) -> dict[str, Path]:
    """Files of imported modules and of those beside them that they import, by their path below the folder they lie in.

    Of a package all files. Installed modules and those of this package have none.
    """
    waiting = list(filter(None, map(_place, modules)))
    found: dict[str, Path] = {}
    while waiting:
        place = waiting.pop()
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            name = file.relative_to(place.parent).as_posix()
            if name not in found:
                found[name] = file
                waiting += _beside(place.parent, file)
    return dict(sorted(found.items()))


def _place(module: str) -> Path | None:
    """The file of an imported module, or the folder of its package."""
    top = sys.modules[module.partition(".")[0]]
    place = next(iter(top.__path__)) if hasattr(top, "__path__") else getattr(top, "__file__", None)
    return Path(place) if place and not place.startswith(LIBRARIES) else None


def _beside(folder: Path, file: Path) -> Iterator[Path]:
    """Modules and packages of a folder that a file imports."""
    nodes = list(ast.walk(ast.parse(file.read_text("utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    for top in sorted({name.partition(".")[0] for name in names}):
        places = [folder / top / "__init__.py", folder / f"{top}.py"]
        if found := next((place for place in places if place.is_file()), None):
            place = found.parent if found.name == "__init__.py" else found
            if not str(place).startswith(LIBRARIES):
                yield place
