"""Clips that belong together: of one recording, speaker or place."""

import numpy as np
import pandas as pd


def has_groups(clips: pd.DataFrame) -> bool:
    """Whether any of the clips names a group."""
    return "group" in clips and bool((_names(clips) != "").any())


def group_numbers(clips: pd.DataFrame) -> np.ndarray:
    """(clips,) int, the same for clips of one group; a clip that names none is a group of its own."""
    if not has_groups(clips):
        return np.arange(len(clips))
    names = _names(clips)
    alone = pd.Series([("", place) for place in range(len(clips))], clips.index, dtype=object)
    return pd.factorize(names.where(names != "", alone))[0]


def split_groups(clips: pd.DataFrame, folds: np.ndarray) -> list[str]:
    """Names of groups whose clips are in several folds; folds (clips,)."""
    names = _names(clips) if has_groups(clips) else pd.Series("", clips.index)
    of_group = pd.Series(folds, clips.index).groupby(names).nunique()
    return [str(name) for name in of_group.index[of_group > 1] if name]


def _names(clips: pd.DataFrame) -> pd.Series:
    return clips["group"].fillna("").astype(str).str.strip()
