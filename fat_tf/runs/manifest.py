"""manifest.json: what a run was begun with, as data; a later call on the same folder is checked against it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from fat_tf.errors import UserError
from fat_tf.files import read_text, write_text

MANIFEST = "manifest.json"
FORMAT = 2  # 1: without a manifest


class OtherVersionError(UserError):
    """A run of a version of this package that notes other things."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a run was begun with.

    recipe: as nested dictionaries, see `fat_tf.training.recipe_data`. data_dir: absolute; None for the built-in set.
    folds_from: run that the folds were taken from. gin_files, gin_params: as the configuration was loaded.
    own_parts: modules that do not belong to the package: module, file and sha256 of each. files: sha256 of the tables
    that hold the classes, clips and folds, by name.
    """

    recipe: Mapping[str, object]
    data_dir: str | None
    folds_from: str | None
    gin_files: tuple[str, ...]
    gin_params: tuple[str, ...]
    own_parts: tuple[Mapping[str, str], ...]
    files: Mapping[str, str]


def write_manifest(run: Path, manifest: Manifest) -> None:
    """Write manifest.json with a checksum over itself, whole."""
    said = {"format": FORMAT, **asdict(manifest)}
    write_text(run / MANIFEST, json.dumps(said | {"sha256": _checksum(said)}, indent=1, ensure_ascii=False) + "\n")


def read_manifest(run: Path) -> Manifest | None:
    """What the run was begun with; None for a run of a version that wrote no manifest, or no run.

    Raises:
        OtherVersionError: a manifest of a later version.
        UserError: a damaged one, or one that was changed by hand.
    """
    file = run / MANIFEST
    if not file.is_file():
        return None
    try:
        said = json.loads(read_text(file))
        version, checksum = said["format"], said["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{file} is damaged ({error}): {_remedy(run)}") from error
    if version != FORMAT:
        said = f"{file} has format {version}, and this version reads {FORMAT}"
        raise OtherVersionError(f"{said}: use the fat_tf that wrote it")
    del said["sha256"]
    if checksum != _checksum(said):
        raise UserError(f"{file} was changed by hand, its checksum does not hold: {_remedy(run)}")
    return _of_json(said)


def _of_json(said: Mapping[str, object]) -> Manifest:
    values = {field.name: said[field.name] for field in fields(Manifest)}
    return Manifest(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def _remedy(run: Path) -> str:
    return f"copy it anew from where the run was made, or train in a new folder with --folds_from={run}"


def _checksum(said: Mapping[str, object]) -> str:
    return sha256(json.dumps(said, sort_keys=True))


def read_as_begun(run: Path, name: str, manifest: Manifest) -> str:
    """The text of a table that a run was begun with.

    Raises:
        UserError: it is missing, or is not what it was.
    """
    text = read_text(run / name)
    if sha256(text) != manifest.files.get(name):
        raise UserError(
            f"{run / name} was changed after the run was begun: put it back as it was, or train in a new folder"
        )
    return text


def sha256(text: str) -> str:
    """Of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
