"""What differs between two runs, in words: recipe, data, folds, own parts, environment."""

import json
from collections.abc import Iterator
from pathlib import Path

from fat_tf.errors import UserError
from fat_tf.files import read_text
from fat_tf.runs.environment import ENVIRONMENT
from fat_tf.runs.manifest import Manifest, read_manifest
from fat_tf.runs.recipe_changes import all_changes
from fat_tf.runs.run_tables import clip_changes, fold_changes, group_changes, read_run_tables


def run_differences(a: Path, b: Path) -> dict[str, list[str]]:
    """Each difference, by what it is one of; kinds without one are left out.

    Raises:
        UserError: a run of an earlier version, or a damaged one.
    """
    manifests = [_manifest(run) for run in (a, b)]
    tables = [read_run_tables(run, manifest) for run, manifest in zip((a, b), manifests, strict=True)]
    found = {
        "Recipe": _recipe_changes(*manifests),
        "Own parts": list(_own_part_changes(*manifests)),
        "Data": [*_place_changes(*manifests), *clip_changes(*tables), *group_changes(*tables)],
        "Folds": list(fold_changes(*tables)),
        "Environment": list(_environment_changes(_environment(a), _environment(b))),
    }
    return {kind: changes for kind, changes in found.items() if changes}


def _manifest(run: Path) -> Manifest:
    if manifest := read_manifest(run):
        return manifest
    raise UserError(f"{run} did not note its recipe and data: it is no run, of an earlier version, or not begun yet")


def _recipe_changes(a: Manifest, b: Manifest) -> list[str]:
    """Where a model has another size, a hash of its layers says nothing more."""
    changes = all_changes(a.recipe, b.recipe)
    sized = {change.split(".parameters: ")[0] for change in changes if ".parameters: " in change}
    return [change for change in changes if change.split(".layers: ")[0] not in sized or ".layers: " not in change]


def _own_part_changes(a: Manifest, b: Manifest) -> Iterator[str]:
    of_a, of_b = ({part["module"]: part["sha256"] for part in manifest.own_parts} for manifest in (a, b))
    for module in sorted({*of_a, *of_b}):
        if of_a.get(module) != of_b.get(module):
            where = (
                "other source" if module in of_a and module in of_b else "only in A" if module in of_a else "only in B"
            )
            yield f"{module}: {where}"


def _place_changes(a: Manifest, b: Manifest) -> Iterator[str]:
    if a.data_dir != b.data_dir:
        yield f"folder: {a.data_dir or 'built-in set'} → {b.data_dir or 'built-in set'}"


def _environment(run: Path) -> dict:
    """What environment.json has; nothing where it cannot be read: it changes no figure."""
    try:
        said = json.loads(read_text(run / ENVIRONMENT))
        return {**said.pop("packages", {}), **said}
    except (UserError, ValueError, AttributeError, TypeError):
        return {}


def _environment_changes(a: dict, b: dict) -> Iterator[str]:
    for key in dict.fromkeys([*a, *b]):
        if key != "command" and a.get(key) != b.get(key):
            yield f"{key}: {_told(a.get(key))} → {_told(b.get(key))}"


def _told(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
