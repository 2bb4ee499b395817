"""What differs between two recipes as data, in words: "MixUp.alpha of stage fit: 0.4 → 0.7"."""

from collections.abc import Iterator, Mapping

CLASS, STAGES = "class", "stages"
NOTHING = object()


def recipe_changes(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """Each value that differs; stages that were appended to the list do not count."""
    there, new = before[STAGES], now[STAGES]
    if _names(new[: len(there)]) == _names(there):
        now = {**now, STAGES: new[: len(there)]}
    return list(dict.fromkeys(_changes(before, now, "", "")))


def all_changes(before: Mapping[str, object], now: Mapping[str, object]) -> list[str]:
    """Each value that differs, appended stages too; of other lists of stages also what differs in those of one name."""
    pairs = [(a, b) for a in before.get(STAGES, []) for b in now.get(STAGES, []) if a["name"] == b["name"]]
    in_stages = [change for a, b in pairs for change in _changes(a, b, "", "")]
    return list(dict.fromkeys([*_changes(before, now, "", ""), *in_stages]))


def _names(stages: list) -> list[str]:
    return [stage["name"] for stage in stages]


def _changes(before: object, now: object, where: str, of: str) -> Iterator[str]:
    """where: name of the value, like MixUp.alpha. of: the stage that it belongs to."""
    if isinstance(before, dict) and isinstance(now, dict) and before.get(CLASS) == now.get(CLASS):
        of = f" of stage {before['name']}" if before.get(CLASS) == "Stage" else of
        owner = before.get(CLASS, where)
        for key in dict.fromkeys([*before, *now]):
            yield from _changes(before.get(key, NOTHING), now.get(key, NOTHING), f"{owner}.{key}", of)
    elif isinstance(before, list) and isinstance(now, list) and _alike(before, now):
        for a, b in zip(before, now, strict=True):
            yield from _changes(a, b, where, of)
    elif before != now and not _is_new(before, now):
        yield f"{where}{of}: {_brief(before)} → {_brief(now)}"


def _is_new(before: object, now: object) -> bool:
    """Whether one is None or False, which switch off, and the other of a version that had no such value."""
    return any(a is NOTHING and (b is None or b is False) for a, b in ((before, now), (now, before)))


def _alike(before: list, now: list) -> bool:
    """Whether lists are compared one by one: objects of the same number and names."""
    return [_brief(value) for value in before] == [_brief(value) for value in now]


def _brief(value: object) -> str:
    if value is NOTHING:
        return "nothing"
    if isinstance(value, dict):
        return str(value.get("name", value.get(CLASS, value)))
    if isinstance(value, list):
        return f"({', '.join(map(_brief, value))})"
    return str(value)
