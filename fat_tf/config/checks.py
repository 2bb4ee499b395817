"""Whether what is bound is there, and takes a value of this kind."""

import collections.abc
import inspect
import math
import types
import typing
from collections.abc import Mapping, Sequence

import gin

from fat_tf.config.messages import ConfigError, did_you_mean, listed
from fat_tf.config.scan import Binding, Reference

KINDS = {int: "a whole number", float: "a number", str: "a text in quotes", bool: "True or False", type(None): "None"}
LISTS = (tuple, list, collections.abc.Sequence)


def check_names(bindings: Sequence[Binding]) -> None:
    """Each configurable and each parameter is there; what is not may be another one in another spelling."""
    for binding in bindings:
        for name in (*binding.references("@"), *filter(None, [binding.configurable])):
            _check_name(name.rsplit("/", 1)[-1], binding.where)
        if binding.configurable and not _parameter(binding.configurable, binding.parameter):
            there = _parameters(binding.configurable)
            hint = did_you_mean(binding.parameter, there, f"{binding.configurable}.")
            hint = hint or f"; it has: {listed(list(there))}"
            raise ConfigError(f"{binding.where}: {binding.configurable} has no parameter {binding.parameter}{hint}")


def _check_name(name: str, where: str) -> None:
    """It is the name of one configurable."""
    registry = gin.config._REGISTRY
    found = registry.matching_selectors(name)
    if not found:
        there = {selector.rsplit(".", 1)[-1] for selector, _ in registry.items()}
        raise ConfigError(f"{where}: there is no {name}{did_you_mean(name, there)}")
    if len(found) > 1 and name not in found:
        raise ConfigError(f"{where}: {name} is the name of {' and '.join(sorted(found))}: give your own another one")


def _parameters(name: str) -> dict[str, inspect.Parameter]:
    """What a configurable takes, by name."""
    return dict(inspect.signature(gin.config._REGISTRY.get_match(name).wrapped).parameters)


def _parameter(configurable: str, name: str) -> inspect.Parameter | None:
    """A parameter; of a configurable that takes any name, as a layer of one's own may, the one that takes them."""
    there = _parameters(configurable)
    any_name = (parameter for parameter in there.values() if parameter.kind is inspect.Parameter.VAR_KEYWORD)
    return there.get(name) or next(any_name, None)


def check_kinds(bindings: Sequence[Binding], macros: Mapping[str, Binding]) -> None:
    """Numbers are numbers, texts are texts: each value fits the annotation of its parameter, where that is plain."""
    for binding in filter(lambda binding: binding.configurable, bindings):
        source, parameter = binding, _parameter(binding.configurable, binding.parameter)
        while isinstance(source.value, Reference) and source.value.sign == "%":
            source = macros[source.value.name]
        if not _is_finite(source.value):
            raise ConfigError(f"{source.where}: {binding.configurable}.{parameter.name} is to be a finite number")
        is_default = source.value is None and parameter.default is None
        if not is_default and not _fits(source.value, parameter.annotation):
            takes = f"{binding.configurable}.{parameter.name} is {_kind(parameter.annotation)}"
            raise ConfigError(f"{source.where}: {takes}, not {source.value!r}")


def _is_finite(value: object) -> bool:
    """Whether a value has no number that is too large for one."""
    if isinstance(value, tuple | list):
        return all(map(_is_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def _fits(value: object, kind: object) -> bool:
    """Whether a value is of the kind of an annotation; what is not plain fits."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return any(_fits(value, one) for one in inner)
    if isinstance(value, Reference):
        return value.sign == "%" or _reference_fits(value, origin or kind)
    if kind in KINDS or kind is None:
        numbers = (int, float) if kind is float else kind or type(None)
        return isinstance(value, numbers) and not (isinstance(value, bool) and kind is not bool)
    if (origin or kind) in LISTS:
        same = len(inner) == 1 or inner[-1:] == (...,)
        return isinstance(value, tuple | list) and all(_fits(part, inner[0]) for part in value if same)
    return not (origin is collections.abc.Callable or _is_of_objects(kind)) or not isinstance(value, (*KINDS, *LISTS))


def _reference_fits(reference: Reference, kind: object) -> bool:
    """Whether what @name stands for, or @name() gives, can be of this kind: what a function gives is not known."""
    if not reference.is_called:
        return not (kind in (*KINDS, *LISTS) or _is_of_objects(kind))
    made = gin.config._REGISTRY.get_match(reference.name.rsplit("/", 1)[-1]).wrapped
    if not isinstance(made, type):
        return True
    is_known = kind is collections.abc.Callable or _is_of_objects(kind)
    return kind not in (*KINDS, *LISTS) and (not is_known or issubclass(made, kind))


def _is_of_objects(kind: object) -> bool:
    """Whether an annotation is a class whose objects a configuration makes with @name()."""
    plain = ("builtins", "collections", "inspect", "numpy", "pathlib", "typing")
    is_plain = getattr(kind, "__module__", "builtins").split(".")[0] in plain
    return isinstance(kind, type) and not is_plain and not getattr(kind, "_is_protocol", False)


def _kind(kind: object) -> str:
    """An annotation in words."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return " or ".join(_kind(one) for one in typing.get_args(kind))
    if (typing.get_origin(kind) or kind) in LISTS:
        inner = typing.get_args(kind)[:1]
        return f"a list like ({_example(*inner)}, …)" if inner else "a list"
    return KINDS.get(kind) or (KINDS[type(None)] if kind is None else f"a part like {_example(kind)}")


def _example(kind: object) -> str:
    """A value of the kind of an annotation."""
    plain = {int: "1", float: "0.5", str: "'a'", bool: "True"}
    if (typing.get_origin(kind) or kind) in LISTS:
        return "('a', …)"
    return plain.get(kind) or ("@name()" if _is_of_objects(kind) else "@name")
