"""What a blend is made of and what it is worth, as text for people."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from fat_tf.blending.decorrelation import correlations
from fat_tf.blending.rules import equal_weights, mean
from fat_tf.evaluation.truth import Truth
from fat_tf.metrics import bootstrap_interval, overall_lwlrap, paired_difference, with_interval

PAIRS = 6  # members up to which all of their correlations are shown


def members_table(
    names: Mapping[str, Sequence[str]], members: np.ndarray, truth: np.ndarray | None, weights: np.ndarray | None
) -> str:
    """A row a member: lwlrap where there is a truth, weight where there are weights, correlations with the others.

    Correlations are Pearson's over all scores: mean and highest, and of a few members all.

    Args:
        names: columns of names, each (members,).
        members: (members, clips, classes) scores.
        truth: (clips, classes) bool, or None.
        weights: (members,), or None.
    """
    table = pd.DataFrame({"": range(1, len(members) + 1), **names})
    if truth is not None:
        table["lwlrap"] = _decimals(overall_lwlrap(truth, scores) for scores in members)
    if weights is not None:
        table["weight"] = _decimals(weights)
    others = np.ma.masked_array(correlations(members), np.eye(len(members), dtype=bool))
    table["mean correlation"] = _decimals(others.mean(axis=1))
    table["highest one"] = [f"{row.max():.3f} with {row.argmax() + 1}" for row in others]
    for number, row in enumerate(others if len(members) <= PAIRS else [], start=1):
        table[f"with {number}"] = ["" if value is np.ma.masked else f"{value:.3f}" for value in row]
    return table.to_string(index=False)


def _decimals(values: Iterable[float]) -> list[str]:
    return [f"{value:.3f}" for value in values]


def verdict(names: Sequence[str], members: np.ndarray, truth: Truth, scores: np.ndarray) -> Iterator[str]:
    """lwlrap of a blend, and what it gains over the best of its members.

    Args:
        names: (members,).
        members: (members, clips, classes) scores.
        truth: of the clips; those of one group are resampled together.
        scores: (clips, classes) of the blend.
    """
    targets, groups = truth.targets, truth.groups
    interval = bootstrap_interval(targets, scores, groups=groups)
    yield f"Blend: lwlrap {with_interval(overall_lwlrap(targets, scores), interval)}"
    best = int(np.argmax([overall_lwlrap(targets, of_member) for of_member in members]))
    gain = paired_difference(targets, scores, members[best], groups=groups)
    yield f"Gain over the best single member, {names[best]}: {with_interval(*gain)}"


def verdict_of_fitted(
    names: Sequence[str], members: np.ndarray, truth: Truth, scores: np.ndarray, fitted: np.ndarray
) -> Iterator[str]:
    """The same of a fitted blend, its gain over the plain mean, and the figure that flatters it.

    Args:
        names, members, truth: as in `verdict`.
        scores: (clips, classes) of cross-validation.
        fitted: (clips, classes) of the blend that was fitted to these very clips.
    """
    yield "Cross-validated, not fitted: each clip is scored by a blend that was fitted to other clips."
    yield from verdict(names, members, truth, scores)
    plain = mean(members, equal_weights(len(members)))
    gain = paired_difference(truth.targets, scores, plain, groups=truth.groups)
    yield f"Gain over the plain mean: {with_interval(*gain)}"
    flattered = overall_lwlrap(truth.targets, fitted)
    yield f"Fitted, which flatters: lwlrap {flattered:.3f} on the clips that it was fitted to."
