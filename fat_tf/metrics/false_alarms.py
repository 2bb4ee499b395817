"""What a tagger hears where nothing is to be heard."""

from typing import Any

import numpy as np

THRESHOLD = 0.5  # a score above it is an alarm


def false_alarms(truth: np.ndarray, scores: np.ndarray, vocabulary: tuple[str, ...]) -> dict[str, Any]:
    """Alarms in the background, the clips without a label; nothing where there are none.

    Args:
        truth, scores: (clips, classes); scores are probabilities.
        vocabulary: classes.

    Returns:
        The key `background`: clips, `false_alarms`, the share of them where any class scores above 0.5, and `classes`:
        the number of clips in which each does, those that do so most first, others left out.
    """
    alarms = scores[~truth.any(axis=1)] > THRESHOLD
    if not len(alarms):
        return {}
    counts = dict(zip(vocabulary, alarms.sum(axis=0).tolist(), strict=True))
    firing = {name: clips for name, clips in sorted(counts.items(), key=lambda item: -item[1]) if clips}
    return {"background": {"clips": len(alarms), "false_alarms": float(alarms.any(axis=1).mean()), "classes": firing}}


def false_alarms_in_words(background: dict[str, Any], shown: int = 5) -> str:
    """A line on what `false_alarms` returns under its key."""
    clips, share = background["clips"], background["false_alarms"]
    names = [f"{name} {count}" for name, count in background["classes"].items()]
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    which = f": {', '.join(names[:shown])}{more}" if names else ""
    return f"{round(share * clips)} of {clips} clips have a score above {THRESHOLD} ({share:.1%}){which}"
