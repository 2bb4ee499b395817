"""What a run takes beside its recipe: where the data are, and which folds are trained."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Inputs:
    """Of a run, or of all members of an ensemble.

    Args:
        data_dir: the data set; None for the built-in one.
        cache_dir: of log-mels; None for the user's cache folder.
        folds: their numbers, if not all that the recipe names.
        folds_from: another run, whose clips get the folds that they have there.
    """

    data_dir: str | Path | None = None
    cache_dir: str | Path | None = None
    folds: Sequence[int] | None = None
    folds_from: str | Path | None = None
