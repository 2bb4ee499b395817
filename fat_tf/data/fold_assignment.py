"""Which fold of the cross-validation each clip is in."""

import warnings

import gin
import numpy as np
import pandas as pd
from iterstrat.ml_stratifiers import MultilabelStratifiedKFold
from sklearn.model_selection import BaseCrossValidator, GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

from fat_tf.data.groups import group_numbers, has_groups
from fat_tf.data.strata import strata, with_background
from fat_tf.errors import UserError, check_seed, listed

METHODS = {"ninth_place": StratifiedKFold, "iterative": MultilabelStratifiedKFold}


@gin.configurable
def assign_folds(
    clips: pd.DataFrame, targets: np.ndarray, count: int = 5, method: str = "ninth_place", seed: int = 2019
) -> np.ndarray:
    """Folds of the clips, (clips,) int; a `fold` column of the data set decides, where there is one.

    Clips of a `group` stay together; folds are then stratified as by "ninth_place", as far as groups allow it.

    Args:
        clips: table of clips with the column fold (given values, or None), and perhaps group.
        targets: (clips, classes) of 0 and 1.
        count: folds.
        method: "ninth_place", shuffled and stratified on each clip's label with the lowest class index, or
            "iterative", stratified over all labels of a clip (Sechidis et al., 2011); background is one of its own.
        seed: of the shuffling.

    Raises:
        UserError: another method, fewer clips or groups than folds, one given fold alone, a seed that is none.
    """
    check_seed(seed, "assign_folds.seed")
    if clips["fold"].notna().all():
        return _given(clips["fold"])
    if not 2 <= count <= len(clips):
        raise UserError(f"{len(clips)} clips do not make {count} folds: set assign_folds.count to 2 or more of them")
    if method not in METHODS:
        raise UserError(f"assign_folds.method is one of {listed(METHODS)}, not {method!r}")
    if has_groups(clips):
        return _of_groups(strata(targets), group_numbers(clips), count, seed)
    by = strata(targets) if method == "ninth_place" else with_background(targets)
    too_few = method == "ninth_place" and np.bincount(by).max() < count  # in every class: nothing to stratify on
    splitter = KFold if too_few else METHODS[method]
    return _folds(splitter(count, shuffle=True, random_state=seed), by)


def _of_groups(by: np.ndarray, groups: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Stratified where some class has a clip a fold, and where that leaves no fold empty; else of equal sizes."""
    if (there := groups.max() + 1) < count:
        raise UserError(f"{there} groups do not make {count} folds: set assign_folds.count to {there} or less")
    if np.bincount(by).max() >= count:
        folds = _folds(StratifiedGroupKFold(count, shuffle=True, random_state=seed), by, groups)
        if np.bincount(folds, minlength=count).all():
            return folds
    return _folds(GroupKFold(count), by, groups)


def _folds(splitter: BaseCrossValidator, by: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
    folds = np.zeros(len(by), int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # `scarce_classes` says it by name
        for fold, (_, held_out) in enumerate(splitter.split(np.zeros((len(by), 1)), by, groups)):
            folds[held_out] = fold
    return folds


def _given(values: pd.Series) -> np.ndarray:
    """The sorted values become folds 0, 1, ...; numbers sort as numbers."""
    numbers = pd.to_numeric(values, errors="coerce")
    keys = numbers if numbers.notna().all() else values
    names, folds = np.unique(keys.to_numpy(), return_inverse=True)
    if len(names) < 2:
        raise UserError(f"The column fold has one value alone ({names[0]}): give two or more, or leave the column out")
    return folds


def scarce_classes(targets: np.ndarray, folds: np.ndarray, vocabulary: tuple[str, ...]) -> list[str]:
    """Classes with fewer clips than there are folds: some fold cannot learn or cannot measure them."""
    clips = targets.sum(axis=0)
    return [f"{name} ({int(n)})" for name, n in zip(vocabulary, clips, strict=True) if n < folds.max() + 1]


def folds_as_in(clips: pd.DataFrame, targets: np.ndarray, given: pd.DataFrame, where: str) -> np.ndarray:
    """Folds that another run gave to clips of these names; new clips go to their group, or where their label is rarest.

    Args:
        clips: table of clips with the column fname, and perhaps group.
        targets: (clips, classes) of 0 and 1.
        given: fname and fold of the other run's clips.
        where: the other run, for messages.

    Returns:
        (clips,) int.

    Raises:
        UserError: no clip in common, or a fold without a clip.
    """
    number = dict(zip(given["fname"], given["fold"].astype(int), strict=True))
    folds = np.array([number.get(fname, -1) for fname in clips["fname"]])
    if (folds < 0).all():
        raise UserError(f"{where} has none of these {len(clips)} training clips: its folds are of other data")
    classes = strata(targets)
    sizes = np.zeros((targets.shape[1] + 1, max(number.values()) + 1))  # clips of each class in each fold
    np.add.at(sizes, (classes[folds >= 0], folds[folds >= 0]), 1)
    groups = group_numbers(clips)
    of_group = dict(zip(groups[folds >= 0], folds[folds >= 0], strict=True))
    for clip in np.flatnonzero(folds < 0):
        rarest = np.lexsort((sizes.sum(axis=0), sizes[classes[clip]]))[0]
        folds[clip] = of_group.setdefault(groups[clip], rarest)
        sizes[classes[clip], folds[clip]] += 1
    if (empty := np.flatnonzero(sizes.sum(axis=0) == 0)).size:
        raise UserError(f"Fold {listed(empty)} of {where} has none of these clips: train without --folds_from")
    return folds
