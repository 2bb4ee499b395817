"""The folder of a run."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from fat_tf.errors import UserError, listed
from fat_tf.files import write_text
from fat_tf.runs.environment import ENVIRONMENT
from fat_tf.runs.file_names import CORRECTIONS, LOCK, MODEL, SCORES
from fat_tf.runs.fold_scores import scored_stages
from fat_tf.runs.manifest import MANIFEST, Manifest, read_manifest, write_manifest
from fat_tf.runs.recipe_changes import recipe_changes
from fat_tf.runs.run_state import folds_with
from fat_tf.runs.run_tables import RunTables, read_run_tables, table_changes

LOOK = 0.2  # seconds: for an instant one who only looks at the run may hold the lock (`is_locked`)


def check_holds(folder: Path, beginnings: Sequence[str], what: str) -> None:
    """Raise a UserError where a folder of runs holds something else.

    Args:
        folder: of the runs; it need not be there.
        beginnings: of the names of what may be there; hidden files may.
        what: it is, in words.
    """
    names = [place.name for place in folder.iterdir()] if folder.is_dir() else []
    if other := sorted(name for name in names if not name.startswith((".", *beginnings))):
        raise UserError(f"{folder} holds something else than {what} ({listed(other, 3)}): choose another --run_dir")


class RunDirectory:
    """Files of one run; each is written whole or not at all. Nothing is made before something is written."""

    def __init__(self, folder: str | Path):
        self.folder = Path(folder)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other processes out of the folder, which is made, and removed again if nothing was written to it.

        Raises:
            UserError: another process is in it, or it cannot be made.
        """
        made = [place for place in (self.folder, *self.folder.parents) if not place.exists()]
        lock = FileLock(self.folder / LOCK)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=LOOK)
        except Timeout as error:
            raise UserError(f"Another process works on {self.folder}: wait, or give another --run_dir") from error
        except OSError as error:
            reason = error.strerror or error
            raise UserError(f"Run folder {self.folder}: {reason}. Choose another one with --run_dir") from error
        try:
            yield
        finally:
            lock.release()
            with suppress(OSError):  # up to the first folder that is not empty
                if [place.name for place in self.folder.iterdir()] == [LOCK]:
                    (self.folder / LOCK).unlink()
                for place in made:
                    place.rmdir()

    def scored_folds(self) -> list[int]:
        """Numbers of the folds that are trained and scored, by this or an earlier call."""
        return folds_with(self.folder, SCORES)

    def finished_folds(self) -> list[int]:
        """Numbers of the folds that are trained and scored.

        Raises:
            UserError: there are none.
        """
        if not (folds := self.scored_folds()):
            raise UserError(f"{self.folder} has no finished fold: train it first")
        return folds

    def begun_folds(self) -> list[int]:
        """Numbers of the folds that have a model, be they done or not."""
        return folds_with(self.folder, MODEL)

    def folds_through(self, stages: list[str]) -> list[int]:
        """Numbers of the folds that are scored after all of these stages; others wait for those that were appended."""
        return [fold for fold in self.scored_folds() if scored_stages(self.fold(fold)) == tuple(stages)]

    def begun(self) -> tuple[Manifest, RunTables] | None:
        """What trained folds of this folder were begun with; None where there are none yet.

        Raises:
            UserError: the folder holds something else, a run of an earlier version, or files that were changed.
        """
        if manifest := read_manifest(self.folder):
            tables = read_run_tables(self.folder, manifest)  # what is damaged is said before it is written over
            return (manifest, tables) if self.begun_folds() else None
        holds = [place.name for place in self.folder.iterdir() if place.name != LOCK]
        if any(self.folder.glob("fold_*")):
            raise UserError(
                f"{self.folder} is a run of an earlier version, without {MANIFEST}: predict with it, or train in a new "
                f"--run_dir (--folds_from={self.folder} gives its clips the same folds)"
            )
        if holds and ENVIRONMENT not in holds:
            raise UserError(f"{self.folder} holds something else than a run: choose another --run_dir")
        return None

    def check(self, recipe: dict[str, object], tables: RunTables, own_parts: tuple[dict[str, str], ...] = ()) -> None:
        """Check a recipe, tables and own parts against those that folds were trained with.

        Args:
            recipe: as data, with or without the key "model".
            tables: of the clips as they are now.
            own_parts: module, file and sha256 of each, where they are known.

        Raises:
            UserError: what differs, and the remedy; nothing was written.
        """
        if not (begun := self.begun()):
            return
        manifest, before = begun
        corrections = " and the --corrections" if CORRECTIONS in manifest.files else ""
        if changes := table_changes(before, tables):
            raise UserError(
                f"{self.folder} was begun with other clips: {'; '.join(changes)}. Give the data{corrections} of "
                f"then, or train in a new --run_dir (--folds_from={self.folder} gives its clips the same folds)"
            )
        there = {key: value for key, value in manifest.recipe.items() if key in recipe or key != "model"}
        hashes = {part["module"]: part["sha256"] for part in manifest.own_parts}
        parts = [part for part in own_parts if hashes.get(part["module"], part["sha256"]) != part["sha256"]]
        if changes := [*recipe_changes(there, recipe), *(f"the source of {part['file']}" for part in parts)]:
            raise UserError(
                f"{self.folder} was begun with another recipe: {listed(changes)}. Give another --run_dir, or the "
                f"configuration that it was begun with ({self.folder / 'config.gin'})"
            )

    def begin(self, manifest: Manifest, tables: RunTables, texts: dict[str, str]) -> None:
        """Write what the run is, the manifest last; `texts`: further files by name."""
        if (self.folder / MANIFEST).exists():  # a stop between tables and manifest must not make them disagree
            write_manifest(self.folder, replace(manifest, files={}))
        for name, text in (tables.texts | texts).items():
            self.write(name, text)
        write_manifest(self.folder, manifest)

    def fold(self, number: int) -> Path:
        """The folder of a fold."""
        return self.folder / f"fold_{number}"

    def write(self, name: str, text: str) -> None:
        """Write a text file under its name when it is whole."""
        write_text(self.folder / name, text)
