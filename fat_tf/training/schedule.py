"""Learning rate by epoch."""

from dataclasses import dataclass

import gin
import numpy as np


@gin.register
@dataclass(frozen=True)
class WarmupCosine:
    """A linear warm-up, then a cosine towards `low` that the last epoch does not quite reach.

    With e from 0 and E epochs: start + peak · e / (warm_up · E) while e < warm_up · E; after it
    low + (peak − low) · (1 + cos(π · k / E)) / 2, with k = 0 at the first epoch of this part.

    Args:
        epochs: E.
        peak, start, low: learning rates.
        warm_up: share of the epochs.

    Raises:
        ValueError: no epochs, or a warm-up that is all of them.
    """

    epochs: int = 65
    peak: float = 1e-3
    start: float = 5e-5
    low: float = 1e-7
    warm_up: float = 0.1

    def __post_init__(self):
        if self.epochs < 1 or not 0 <= self.warm_up < 1:
            raise ValueError(
                f"WarmupCosine: epochs of 1 or more, warm_up from 0 to 1; not {self.epochs}, {self.warm_up}"
            )

    def __call__(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 0."""
        rising = self.warm_up * self.epochs
        if epoch < rising:
            return float(self.start + self.peak * epoch / rising)
        k = epoch - int(np.ceil(rising))
        return float(self.low + (self.peak - self.low) * (1 + np.cos(np.pi * k / self.epochs)) / 2)
