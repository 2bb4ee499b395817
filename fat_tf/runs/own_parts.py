"""The modules of a person's own that a run was made with: their source is kept in the run, and used whenever it is."""

import hashlib
import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from fat_tf.config import OWN_PARTS, ConfigError, import_module, own_modules
from fat_tf.errors import UserError, listed
from fat_tf.files import write_text, written_whole
from fat_tf.parts import sources

IMPORTED = "imported.json"  # names of the modules that the configuration imported


def own_parts() -> tuple[dict[str, str], ...]:
    """For the manifest, which a later call on a run is checked against: module, file and sha256 of each source."""
    return tuple(
        {"module": name, "file": str(file), "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        for name, file in sources(own_modules()).items()
    )


def keep_parts(run: Path) -> None:
    """Copy the modules that the configuration imported into a run, and say so.

    Raises:
        UserError: they cannot be written.
    """
    files, kept = sources(own_modules()), run / OWN_PARTS
    if not files or _same(kept, files):
        return
    shutil.rmtree(kept, ignore_errors=True)  # of a call that ended before it trained
    with written_whole(kept) as unfinished:
        for name, file in files.items():
            (unfinished / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, unfinished / name)
        write_text(unfinished / IMPORTED, json.dumps(own_modules()))
    print(f"Own parts: {listed(files)}; {kept} keeps a copy, which everything that uses this run imports", flush=True)


def _same(kept: Path, files: dict[str, Path]) -> bool:
    """Whether a folder holds these files as they are."""
    return all(_text(kept / name) == file.read_text("utf-8") for name, file in files.items())


def _text(file: Path) -> str | None:
    return file.read_text("utf-8") if file.is_file() else None


def copy_parts(runs: Iterable[Path], folder: Path) -> None:
    """Copy what runs keep to where their models are exported."""
    for run in runs:
        if (run / OWN_PARTS).is_dir():
            shutil.copytree(run / OWN_PARTS, folder / OWN_PARTS, dirs_exist_ok=True)


def load_parts(run: str | Path) -> None:
    """Import what a run keeps of its own parts, before anything else of it is loaded; says so.

    Args:
        run: its folder, or that of an exported Keras file. Name none that you do not trust: its code is run.

    Raises:
        UserError: it cannot be imported, or this process has another module of that name.
    """
    kept = Path(run) / OWN_PARTS
    if not kept.is_dir():
        return
    try:
        names = json.loads((kept / IMPORTED).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{kept / IMPORTED} cannot be read ({error}): copy the run anew") from error
    fresh = [name for name in names if name not in sys.modules]
    for name in names:
        _check_same(run, kept, name)
        try:
            import_module(name, [kept], str(run))
        except ConfigError as error:
            raise UserError(error.message) from error
    if fresh:
        print(f"Own parts of {run}: {listed(fresh)}, from {kept}", flush=True)


def _check_same(run: str | Path, kept: Path, name: str) -> None:
    if name not in sys.modules:
        return
    there = sources([name])
    theirs = {file.relative_to(kept).as_posix(): file for file in kept.rglob("*.py")}
    shared = there.keys() & theirs.keys()
    if changed := [part for part in sorted(shared) if _text(there[part]) != _text(theirs[part])]:
        raise UserError(
            f"{run} was made with another {listed(changed)} than {listed(there[part] for part in changed)}, which is "
            "imported already, and a process has one of a name: score the runs one after the other, and blend their "
            "score files"
        )
