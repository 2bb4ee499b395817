"""Which clips a stage trains on: one of four known sets, or one of the configuration's own."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fat_tf.errors import UserError
from fat_tf.parts import attribute, blamed, made, name_of

CURATED, BEST = "curated", "curated+best"
KNOWN = (CURATED, "noisy", "curated+noisy", BEST)


@dataclass(frozen=True)
class FoldClips:
    """What a set of clips is chosen from.

    fold: its number. clips: a row each, with the columns fname, path, labels, source. targets: (all rows, classes).
    curated: rows that the fold may train on. noisy: rows of the noisy clips; none where no stage needs them. best: of
    these, rows that the recipe's selection chose. seed: of the fold, for sets that draw.
    """

    fold: int
    clips: pd.DataFrame
    targets: np.ndarray
    curated: np.ndarray
    noisy: np.ndarray
    best: np.ndarray
    seed: int


ClipSet = Callable[[FoldClips], np.ndarray]  # to rows; one with a true `needs_noisy` gets the noisy clips too


def name_of_set(data: str | ClipSet) -> str:
    """As a summary says it."""
    return data if isinstance(data, str) else name_of(data)


def needs_noisy(data: str | ClipSet) -> bool:
    """Whether noisy clips may be among them."""
    return data != CURATED if isinstance(data, str) else bool(attribute(data, "needs_noisy", False))


def choose(data: str | ClipSet, fold: FoldClips) -> np.ndarray:
    """Rows of the clips of a set.

    Raises:
        UserError: a set of the configuration's own raises something, is empty, or holds rows that it may not.
    """
    if isinstance(data, str):
        curated = [] if data == "noisy" else [fold.curated]
        noisy = {CURATED: [], BEST: [fold.best]}.get(data, [fold.noisy])
        return np.concatenate([*curated, *noisy])
    what = f"The set of clips {name_of(data)}"
    with blamed(what):
        rows = np.asarray(made(data)(fold))
    if rows.ndim != 1 or not len(rows) or not np.isin(rows, np.append(fold.curated, fold.noisy)).all():
        raise UserError(f"{what} gives {rows}: expected are rows (clips,) of fold.curated or fold.noisy, one at least")
    return rows.astype(np.int64)
