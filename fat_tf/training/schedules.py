"""Learning rate by epoch, and when a stage ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import gin
import numpy as np

ROUNDING = 1e-9  # of rates that were multiplied down to the lowest one


class Schedule(Protocol):
    """What a stage needs of a schedule. epochs: at most. A dataclass, where `Stage.steps` is to set them."""

    epochs: int

    def __call__(self, losses: Sequence[float]) -> float | None:
        """The rate of the next epoch, or None after the last one; `losses`: validation losses of the stage so far."""


@gin.register
@dataclass(frozen=True)
class WarmupCosine:
    """A linear warm-up, then a cosine towards `low` that the last epoch does not quite reach.

    With e from 0 and E epochs: start + peak · e / (warm_up · E) while e < warm_up · E; after it
    low + (peak − low) · (1 + cos(π · k / E)) / 2, with k = 0 at the first epoch of this part. As the 9th place of
    FSDKaggle2019 had it; the cosine is that of Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm
    Restarts", 2017, https://arxiv.org/abs/1608.03983, without restarts.

    Args:
        epochs: E, 1 or more.
        peak, start, low: learning rates.
        warm_up: share of the epochs, from 0 to below 1.

    Call arguments:
        losses: one for each epoch so far; their number counts.

    Returns:
        The learning rate of the next epoch, or None after the last one.

    Raises:
        ValueError: no epochs, another warm_up, or a rate below 0.
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
        if min(self.peak, self.start, self.low) < 0:
            raise ValueError(
                f"WarmupCosine: rates of 0 or more; peak, start, low are {self.peak:g}, {self.start:g}, {self.low:g}"
            )

    def __call__(self, losses: Sequence[float]) -> float | None:
        """The learning rate of the next epoch, or None after the last one; `losses`: one for each epoch so far."""
        return self.rate(len(losses)) if len(losses) < self.epochs else None

    def rate(self, epoch: int) -> float:
        """The learning rate of an epoch, counted from 0."""
        rising = self.warm_up * self.epochs
        if epoch < rising:
            return float(self.start + self.peak * epoch / rising)
        k = epoch - int(np.ceil(rising))
        return float(self.low + (self.peak - self.low) * (1 + np.cos(np.pi * k / self.epochs)) / 2)


@gin.register
@dataclass(frozen=True)
class HeldCosine(WarmupCosine):
    """WarmupCosine whose last epochs keep the rate of the first of them: what `SwaWeights` averages over.

    The rate of epoch min(e, max(⌊(1 − held) · E⌋, ⌈warm_up · E⌉)) of WarmupCosine: of its peak, or after. Our own, in
    the manner of the constant rate at the end of Izmailov et al., 2018 (https://arxiv.org/abs/1803.05407).

    Args:
        epochs, peak, start, low, warm_up: as WarmupCosine's.
        held: share of the epochs, from 0 to below 1.

    Call arguments and returns: as WarmupCosine's.

    Raises:
        ValueError: as WarmupCosine, or another share.
    """

    held: float = 0.25

    def __post_init__(self):
        super().__post_init__()
        if not 0 <= self.held < 1:
            raise ValueError(f"HeldCosine: held is from 0 to below 1, not {self.held}")

    def rate(self, epoch: int) -> float:
        first_held = max(int((1 - self.held) * self.epochs), int(np.ceil(self.warm_up * self.epochs)))
        return super().rate(min(epoch, first_held))


@gin.register
@dataclass(frozen=True)
class ReduceOnPlateau:
    """Reduce the rate when the validation loss stops falling, down to `low`; one more epoch there is the last.

    The rule is torch.optim.lr_scheduler.ReduceLROnPlateau's: an epoch is bad unless its loss is below the best one
    by more than the relative `threshold`; after more than `patience` bad epochs in a row the rate falls.

    Args:
        epochs: at most.
        start, low: learning rates.
        factor: of each reduction.
        patience: bad epochs that are borne.
        threshold: relative.

    Raises:
        ValueError: no epochs, or a factor that does not reduce.
    """

    may_end_early = True

    epochs: int = 65
    start: float = 1e-4
    low: float = 1e-7
    factor: float = 0.1
    patience: int = 3
    threshold: float = 1e-4

    def __post_init__(self):
        if self.epochs < 1 or not 0 < self.factor < 1 or not 0 < self.low <= self.start:
            raise ValueError(f"ReduceOnPlateau: epochs of 1 or more, 0 < factor < 1, 0 < low <= start; not {self}")

    def __call__(self, losses: Sequence[float]) -> float | None:
        """The learning rate of the next epoch, or None after the last one; `losses`: validation losses so far."""
        rate, best, bad = self.start, np.inf, 0
        for loss in losses:
            if rate <= self.low * (1 + ROUNDING):
                return None  # this loss is that of the one more epoch
            best, bad = (loss, 0) if loss < best * (1 - self.threshold) else (best, bad + 1)
            if bad > self.patience:
                rate, bad = max(rate * self.factor, self.low), 0
        return rate if len(losses) < self.epochs else None
