"""Which classes are shown alone."""

from collections.abc import Sequence

import numpy as np

EACH = 3  # worst classes, and best ones


def worst_and_best(per_class: np.ndarray) -> list[int]:
    """The worst classes, the best ones; (classes,) lwlrap, NaN where a class has no clip."""
    order = [int(k) for k in np.argsort(per_class, kind="stable") if np.isfinite(per_class[k])]
    return list(dict.fromkeys([*order[:EACH], *order[-EACH:]]))


def chosen_classes(per_class: np.ndarray, names: Sequence[str], vocabulary: Sequence[str]) -> list[int]:
    """Those that the settings name, the worst, the best; each once."""
    return list(dict.fromkeys([*(list(vocabulary).index(name) for name in names), *worst_and_best(per_class)]))
