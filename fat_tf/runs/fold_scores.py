"""scores.npz of a fold: its held-out clips' and the test clips' scores, with the names of the clips; it means: done."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fat_tf.errors import UserError, listed
from fat_tf.files import read_arrays, write_arrays
from fat_tf.runs.file_names import SCORES

PARTS = ("held_out", "test")


@dataclass(frozen=True)
class NamedScores:
    """Scores (clips, classes) float64, and the names (clips,) of their clips, each once.

    starts (clips,): seconds into the trimmed clip where the window with the highest score begins; None: not known.
    """

    fnames: np.ndarray
    scores: np.ndarray
    starts: np.ndarray | None = None

    def of(self, fnames: np.ndarray, where: str) -> np.ndarray:
        """The scores of these clips, in this order; errors as in `only`."""
        return self.only(fnames, where).scores

    def only(self, fnames: np.ndarray, where: str) -> "NamedScores":
        """These clips, in this order.

        Raises:
            UserError: clips without scores; names them, and `where` the scores are.
        """
        if np.array_equal(fnames, self.fnames):
            return self
        places = {fname: place for place, fname in enumerate(self.fnames.tolist())}
        if missing := [fname for fname in fnames if fname not in places]:
            raise UserError(f"{where} has no scores of {listed(missing)}: the run was trained with other clips")
        order = [places[fname] for fname in fnames]
        return NamedScores(np.asarray(fnames), self.scores[order], None if self.starts is None else self.starts[order])


@dataclass(frozen=True)
class FoldScores:
    """held_out, test: scores with the weights that the fold keeps.

    steps: of the optimiser. stages: names of those done.
    """

    held_out: NamedScores
    test: NamedScores
    steps: int
    stages: tuple[str, ...]


def save_fold_scores(folder: Path, scores: FoldScores) -> None:
    """Write scores.npz into a fold's folder, whole."""
    arrays = {"steps": scores.steps, "stages": np.array(scores.stages, str)}
    for part in PARTS:
        named = getattr(scores, part)
        arrays |= {part: named.scores, f"{part}_fnames": np.array(named.fnames, str)}
        arrays |= {} if named.starts is None else {f"{part}_starts": named.starts}
    write_arrays(folder / SCORES, arrays)


def load_fold_scores(folder: Path) -> FoldScores:
    """Read scores.npz of a fold.

    Raises:
        UserError: it is damaged.
    """
    names = [f"{part}{of}" for part in PARTS for of in ("", "_fnames")]
    saved = _read(folder, (*names, "steps", "stages"), optional=[f"{part}_starts" for part in PARTS])
    held_out, test = (NamedScores(saved[f"{part}_fnames"], saved[part], saved.get(f"{part}_starts")) for part in PARTS)
    return FoldScores(held_out, test, int(saved["steps"]), tuple(saved["stages"].tolist()))


def window_starts(folder: Path, part: str) -> dict[str, float]:
    """`NamedScores.starts` of a part, "held_out" or "test", by name; none where they are not known."""
    saved = _read(folder, (f"{part}_fnames",), optional=[f"{part}_starts"])
    starts = saved.get(f"{part}_starts", np.zeros(0))
    return dict(zip(saved[f"{part}_fnames"].tolist(), starts.tolist(), strict=False))


def scored_stages(folder: Path) -> tuple[str, ...]:
    """Names of the stages that the fold went through before it was scored; none where it was not."""
    return tuple(_read(folder, ("stages",))["stages"].tolist()) if (folder / SCORES).exists() else ()


def _read(folder: Path, names: Collection[str], optional: Collection[str] = ()) -> dict[str, np.ndarray]:
    remedy = f"delete the folder {folder}, and the same command trains that fold again"
    return read_arrays(folder / SCORES, remedy, names, optional)
