"""Which clips a stage trains on: one of four known sets, shares of them, or a set of the configuration's own."""

from collections.abc import Callable
from dataclasses import dataclass

import gin
import numpy as np
import pandas as pd

from fat_tf.data.drawn_rows import DrawnRows, Rows, all_rows, in_shares
from fat_tf.errors import UserError
from fat_tf.parts import attribute, blamed, name_of

CURATED, CURATED_AND_BEST = "curated", "curated+best"
SLACK = 1e-6  # of shares that are to sum to 1
KNOWN = (CURATED, "noisy", "curated+noisy", CURATED_AND_BEST)


@dataclass(frozen=True)
class FoldClips:
    """What a set of clips is chosen from.

    fold: its number. clips: a row each, with the columns fname, path, labels, source. targets: (all rows, classes)
    uint8. curated: rows that the fold may train on. noisy: rows of the noisy clips; none where no stage needs them.
    best: of these, rows that the recipe's selection chose. seed: of the fold, for sets that draw.
    """

    fold: int
    clips: pd.DataFrame
    targets: np.ndarray
    curated: np.ndarray
    noisy: np.ndarray
    best: np.ndarray
    seed: int


ClipSet = Callable[[FoldClips], Rows]  # to rows; one with a true `needs_noisy` gets the noisy clips too


def name_of_set(data: str | ClipSet) -> str:
    """As a summary says it."""
    return data if isinstance(data, str) else name_of(data)


def needs_noisy(data: str | ClipSet) -> bool:
    """Whether noisy clips may be among them."""
    return data != CURATED if isinstance(data, str) else bool(attribute(data, "needs_noisy", False))


def takes_best(data: str | ClipSet) -> bool:
    """Whether the noisy clips that the recipe's selection chooses are among them."""
    return data == CURATED_AND_BEST if isinstance(data, str) else bool(attribute(data, "takes_best", False))


@gin.register
@dataclass(frozen=True)
class Shares:
    """Shares of the clips of each batch by source, within two clips; each epoch draws its clips anew.

    An epoch is as long as the scarcest source allows without a clip twice: round(L·share) clips of each, where L is the
    smallest clips / share of the sources. Of log-mels that are streamed from disk, whose order is that of the disk,
    batches have them on average.

    The 1st place of FSDKaggle2019 (https://github.com/lRomul/argus-freesound) took a clip from the curated ones with a
    probability of 0.57, from the best noisy ones of 0.42, from the noisy ones of 0.01.

    Args:
        curated: share of the fold's training clips.
        best: share of the noisy clips that the recipe's selection chose.
        noisy: share of the other noisy clips; of all of them where `best` is 0, or all are best ones.

    Call arguments:
        fold: what is chosen from.

    Returns:
        Rows of each source, and how many of them an epoch draws.

    Raises:
        UserError: shares that are negative or do not sum to 1; when called, a share of clips that the fold has none of.
    """

    curated: float = 0.57
    best: float = 0.42
    noisy: float = 0.01

    def __post_init__(self):
        shares = (self.curated, self.best, self.noisy)
        if min(shares) < 0 or abs(sum(shares) - 1) > SLACK:
            raise UserError(f"Shares: curated, best and noisy are 0 or more and sum to 1, not {shares}")

    @property
    def needs_noisy(self) -> bool:
        """Whether noisy clips are among them."""
        return self.curated < 1

    @property
    def takes_best(self) -> bool:
        """Whether a selection is needed."""
        return self.best > 0

    def __call__(self, fold: FoldClips) -> DrawnRows:
        others = fold.noisy[~np.isin(fold.noisy, fold.best)] if self.best else fold.noisy
        noisy = others if len(others) else fold.noisy  # before a selection has chosen, all may be best ones
        of_source = {"curated": fold.curated, "best": fold.best, "noisy": noisy}
        parts = {name: rows for name, rows in of_source.items() if getattr(self, name)}
        if empty := [name for name, rows in parts.items() if not len(rows)]:
            raise UserError(f"Shares.{empty[0]} is {getattr(self, empty[0])}, and fold {fold.fold} has no such clips")
        return in_shares(list(parts.values()), [getattr(self, name) for name in parts])


def choose(data: str | ClipSet, fold: FoldClips) -> Rows:
    """Rows of the clips of a set.

    Raises:
        UserError: a set of the configuration's own raises something, is empty, or holds rows that it may not.
    """
    if isinstance(data, str):
        curated = [] if data == "noisy" else [fold.curated]
        noisy = {CURATED: [], CURATED_AND_BEST: [fold.best]}.get(data, [fold.noisy])
        return np.concatenate([*curated, *noisy])
    what = f"The set of clips {name_of(data)}"
    with blamed(what):
        drawn = data(fold)
    rows, allowed = np.asarray(all_rows(drawn)), np.append(fold.curated, fold.noisy)
    are_rows = rows.ndim == 1 and len(rows) and rows.dtype.kind in "iu"
    if not are_rows or not np.isin(rows, allowed).all():
        raise UserError(f"{what} gives {rows}: expected are rows (clips,) of fold.curated or fold.noisy, one at least")
    return drawn if isinstance(drawn, DrawnRows) else rows.astype(np.int64)
