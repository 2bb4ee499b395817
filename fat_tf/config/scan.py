"""What configuration files bind, as they are written: nothing that they configure is imported."""

import re
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gin import config_parser

from fat_tf.config.gin_files import find
from fat_tf.config.messages import ConfigError, did_you_mean


@dataclass(frozen=True)
class Reference:
    """@name, @name() or %name, as it is written."""

    name: str
    sign: str = "@"
    is_called: bool = False

    def __repr__(self) -> str:
        return f"{self.sign}{self.name}{'()' * self.is_called}"


@dataclass(frozen=True)
class Binding:
    """`name = value` as it is written: of a macro, or of scope/Configurable.parameter; where, in words."""

    where: str
    name: str
    value: object

    @property
    def configurable(self) -> str:
        """What it is a parameter of; empty for a macro."""
        return self.name.rsplit("/", 1)[-1].rpartition(".")[0]

    @property
    def parameter(self) -> str:
        """The name behind the point."""
        return self.name.rpartition(".")[2]

    def references(self, sign: str) -> Iterator[str]:
        """Names of what its value refers to."""
        yield from (reference.name for reference in _references(self.value) if reference.sign == sign)


class Scan(config_parser.ParserDelegate):
    """What files and parameters bind, the last one of a name; and the modules that they import.

    Raises:
        ConfigError: a text that is no binding, with its place and what it should be.
    """

    def __init__(self, gin_files: Sequence[str], gin_params: Sequence[str]):
        self.modules: dict[str, Path] = {}  # with the file that imports it
        self._bindings: dict[str, Binding] = {}
        for file in gin_files:
            self._file(find(file), file)
        for param in gin_params:
            self._check_param(param)
            self._text(param, f"--gin_param {param}")

    @property
    def bindings(self) -> list[Binding]:
        return list(self._bindings.values())

    @property
    def macros(self) -> dict[str, Binding]:
        return {name: binding for name, binding in self._bindings.items() if not binding.configurable}

    def check_macros(self) -> None:
        """Each macro that is read is bound, and each one of the command line is read."""
        macros = self.macros
        read = {name for binding in self.bindings for name in binding.references("%")}
        for binding in self.bindings:
            for name in set(binding.references("%")) - macros.keys():
                raise ConfigError(f"{binding.where}: there is no macro {name}{did_you_mean(name, macros)}")
        for binding in macros.values():
            if binding.name in _reached(binding, macros):
                raise ConfigError(f"{binding.where}: the macro {binding.name} stands for itself")
        if "Ensemble.members" in self._bindings:
            return  # the files of its members read them
        for name in macros.keys() - read:
            if macros[name].where.startswith("--"):
                hint = did_you_mean(name, read) or "; a parameter is bound like MixUp.alpha=0.4"
                raise ConfigError(f"{macros[name].where}: nothing reads {name}{hint}")

    def configurable_reference(self, name: str, evaluate: bool) -> Reference:
        return Reference(name, is_called=evaluate)

    def macro(self, name: str) -> Reference:
        return Reference(name, "%")

    def _file(self, file: Path, place: str) -> None:
        try:
            self._text(file.read_text("utf-8"), place, file)
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{place} cannot be read: {error}") from error
        except RecursionError as error:
            raise ConfigError(f"{place} includes itself") from error

    def _text(self, text: str, place: str, file: Path | None = None) -> None:
        """Collect the statements of a file, or of a parameter."""
        try:
            for statement in config_parser.ConfigParser(text, self):
                self._statement(statement, f"{place}, line {statement.location.line_num}" if file else place, file)
        except SyntaxError as error:
            line = (error.text or "").strip()
            where = f"{place}, line {error.lineno}: {line}" if file else place
            raise ConfigError(f"{where}: {self._hint(line)}") from error
        except tokenize.TokenError as error:
            raise ConfigError(f"{place}: a bracket or a quote is opened and never closed") from error

    def _statement(self, statement: object, where: str, file: Path | None) -> None:
        if isinstance(statement, config_parser.IncludeStatement):
            self._file(find(statement.filename), statement.filename)
        elif isinstance(statement, config_parser.ImportStatement):
            if not statement.module.startswith("__gin__."):  # a setting of gin's
                self.modules.setdefault(statement.module, file)
        elif isinstance(statement, config_parser.BindingStatement):
            selector = f"{statement.selector}.{statement.arg_name}" if statement.arg_name else statement.selector
            name = f"{statement.scope}/{selector}" if statement.scope else selector
            self._bindings.pop(name, None)
            self._bindings[name] = Binding(where, name, statement.value)

    def _check_param(self, param: str) -> None:
        name, equals, value = (part.strip() for part in param.partition("="))
        if not re.fullmatch(r"([\w.]+/)*\w+(\.\w+)*", name) or not equals or not value:
            raise ConfigError(
                f"--gin_param {param}: a binding is a name and a value, like EPOCHS=60 or MixUp.alpha=0.4"
            )

    def _hint(self, text: str) -> str:
        """What a text should be that cannot be parsed: it depends on what the name was bound to before."""
        name, _, value = (part.strip() for part in text.partition("="))
        before = self._bindings[name].value if name in self._bindings else None
        if value.count("=") and len(re.findall(r"[\w.]+\s*=", text)) > 1 and "'" not in value:
            return "one binding each: give --gin_param once more for the other"
        if re.fullmatch(r"-?\d+,\d+", value):
            return f"numbers have a point, like {name}={value.replace(',', '.')}, and lists brackets, like ({value})"
        if value.count("'") % 2 or value.count('"') % 2:
            return "a quote is opened and never closed"
        if re.fullmatch(r"\w[\w./-]*", value) is None or "=" not in text:
            return "not NAME = VALUE, with a number, 'a text', True, False, None, @part or (a, list) as value"
        if value.capitalize() in ("True", "False", "None"):
            return f"did you mean {name}={value.capitalize()}?"
        if isinstance(before, Reference) and before.sign == "@":
            return f"did you mean {name}=@{value}?"
        if isinstance(before, int | float):
            return f"a number is wanted, like {name}={before}"
        return f"a text needs quotes: {name}='{value}'"


def _reached(binding: Binding, macros: Mapping[str, Binding]) -> set[str]:
    """Macros that a value refers to, or these do, and so on."""
    reached, new = set(), set(binding.references("%"))
    while new - reached:
        reached |= new
        new = {name for macro in reached & macros.keys() for name in macros[macro].references("%")}
    return reached


def _references(value: object) -> Iterator[Reference]:
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, dict):
        yield from (found for pair in value.items() for part in pair for found in _references(part))
    elif isinstance(value, list | tuple):
        yield from (found for part in value for found in _references(part))
