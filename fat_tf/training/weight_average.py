"""Averages of the weights over the steps of a stage: they are judged and saved in place of the last ones."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import gin
import keras
from keras import ops

from fat_tf.errors import UserError
from fat_tf.parts import attribute


class WeightAverage(Protocol):
    """What a stage needs of an average.

    renews_statistics: whether batch normalisation's moving statistics are computed anew for the averaged weights.
    """

    renews_statistics: bool

    def share(self, step, steps: int):
        """Of the weights after a step in the average, float32 from 0 to 1; step from 0, steps of the whole stage."""


@gin.register
@dataclass(frozen=True)
class EmaWeights:
    """Exponential moving average of the weights w over the steps: average -> d·average + (1 − d)·w.

    d is min(decay, step / (9 + step)), step from 0, so that early steps are soon forgotten: as
    tf.train.ExponentialMovingAverage with num_updates. Moving statistics of batch normalisation are averaged as the
    weights are. Common practice; averages of the steps are from Polyak and Juditsky, "Acceleration of Stochastic
    Approximation by Averaging", 1992, https://doi.org/10.1137/0330046, who take the plain mean.

    Args:
        decay: a step, from 0 to below 1; 0.999, or 0.995 where a stage has fewer than some thousand steps.

    Raises:
        UserError: another decay.
    """

    renews_statistics = False

    decay: float = 0.999

    def __post_init__(self):
        if not 0 <= self.decay < 1:
            raise UserError(f"EmaWeights.decay is from 0 to below 1, not {self.decay}")

    def share(self, step, steps):
        """1 − d, as in `WeightAverage`."""
        step = ops.cast(step, "float32")
        return 1 - ops.minimum(self.decay, step / (9 + step))


@gin.register
@dataclass(frozen=True)
class SwaWeights:
    """Stochastic weight averaging: the mean of the weights over a stage's end, average -> average + (w − average) / n.

    n counts the steps of the end from 1, so that all of them count the same; until then the weights are their own
    average. Moving statistics of batch normalisation are computed anew. The end wants a constant rate: `HeldCosine`.
    Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization", 2018,
    https://arxiv.org/abs/1803.05407, where the last steps of epochs are averaged.

    Args:
        tail: share of the stage's steps that are averaged, above 0 and up to 1.

    Raises:
        UserError: another tail.
    """

    renews_statistics = True
    needs_length = True

    tail: float = 0.25

    def __post_init__(self):
        if not 0 < self.tail <= 1:
            raise UserError(f"SwaWeights.tail is above 0 and up to 1, not {self.tail}")

    def share(self, step, steps):
        """1 / n, as in `WeightAverage`."""
        averaged = ops.cast(step, "float32") - float(int((1 - self.tail) * steps))  # before this one
        return 1 / (1 + ops.maximum(averaged, 0.0))


class Averages:
    """The average of some weights, which can stand in their place.

    Args:
        average: how much each step counts.
        weights: that are averaged.
        steps: of the stage.
    """

    def __init__(self, average: WeightAverage, weights: Sequence[keras.Variable], steps: int):
        self.average, self._weights, self._steps = average, list(weights), steps
        self.values = [keras.Variable(w.numpy(), trainable=False, name=f"{w.name}_mean") for w in weights]

    def begin(self) -> None:
        """Start from the weights as they are now."""
        for value, weight in zip(self.values, self._weights, strict=True):
            value.assign(weight)

    def update(self, step) -> None:
        """Take in the weights after a step, counted from 0."""
        share = self.average.share(step, self._steps)
        for value, weight in zip(self.values, self._weights, strict=True):
            value.assign_add(ops.cast(share, value.dtype) * (weight - value))

    def renews_statistics(self, step: int) -> bool:
        """Whether batch statistics are renewed after a step: not while the weights are their own average."""
        return attribute(self.average, "renews_statistics", False) and float(self.average.share(step, self._steps)) < 1

    def adopt(self) -> None:
        """Set the weights to their average."""
        for value, weight in zip(self.values, self._weights, strict=True):
            weight.assign(value)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Within, the weights are their average; what is changed of them there is changed of the average."""
        live = [weight.numpy() for weight in self._weights]
        self.adopt()
        try:
            yield
        finally:
            for value, weight, kept in zip(self.values, self._weights, live, strict=True):
                value.assign(weight)
                weight.assign(kept)
