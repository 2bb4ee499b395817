"""scores.npz of a fold: its held-out clips' and the test clips' scores, with the names of the clips; it means: done."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fat_tf.errors import UserError, listed
from fat_tf.files import read_arrays, write_arrays

FILE = "scores.npz"


@dataclass(frozen=True)
class NamedScores:
    """Scores (clips, classes) float64, and the names (clips,) of their clips, each once."""

    fnames: np.ndarray
    scores: np.ndarray

    def of(self, fnames: np.ndarray, where: str) -> np.ndarray:
        """The scores of these clips, in this order.

        Raises:
            UserError: clips without scores; names them, and `where` the scores are.
        """
        places = {fname: place for place, fname in enumerate(self.fnames.tolist())}
        if missing := [fname for fname in fnames if fname not in places]:
            raise UserError(f"{where} has no scores of {listed(missing)}: the run was trained with other clips")
        return self.scores[[places[fname] for fname in fnames]]


@dataclass(frozen=True)
class FoldScores:
    """held_out, test: scores with the fold's best weights. steps: of the optimiser. stages: names of those done."""

    held_out: NamedScores
    test: NamedScores
    steps: int
    stages: tuple[str, ...]


def save_fold_scores(folder: Path, scores: FoldScores) -> None:
    """Write scores.npz into a fold's folder, whole."""
    arrays = {"steps": scores.steps, "stages": np.array(scores.stages, str)}
    for part in ("held_out", "test"):
        named = getattr(scores, part)
        arrays |= {part: named.scores, f"{part}_fnames": np.array(named.fnames, str)}
    write_arrays(folder / FILE, arrays)


def load_fold_scores(folder: Path) -> FoldScores:
    """Read scores.npz of a fold.

    Raises:
        UserError: it is damaged.
    """
    saved = _read(folder, ("held_out", "held_out_fnames", "test", "test_fnames", "steps", "stages"))
    held_out, test = (NamedScores(saved[f"{part}_fnames"], saved[part]) for part in ("held_out", "test"))
    return FoldScores(held_out, test, int(saved["steps"]), tuple(saved["stages"].tolist()))


def scored_stages(folder: Path) -> tuple[str, ...]:
    """Names of the stages that the fold went through before it was scored; none where it was not."""
    return tuple(_read(folder, ("stages",))["stages"].tolist()) if (folder / FILE).exists() else ()


def _read(folder: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    return read_arrays(folder / FILE, f"delete the folder {folder}, and the same command trains that fold again", names)
