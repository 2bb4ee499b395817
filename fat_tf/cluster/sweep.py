"""What a sweep tries: values drawn from distributions, by the names that gin binds them by."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import gin
import numpy as np

from fat_tf.config.messages import did_you_mean
from fat_tf.errors import UserError, check_seed, listed

DISTRIBUTIONS = (  # of ray.tune: those that draw without knowing the other values
    *("uniform", "quniform", "loguniform", "qloguniform", "randn", "qrandn"),
    *("randint", "qrandint", "lograndint", "qlograndint", "choice"),
)
DRAWS = 50  # for each trial that is wanted, to find another one than those before


@dataclass(frozen=True)
class Trial:
    """A run of a sweep. name: of its folder. values: drawn, by the name of their binding."""

    name: str
    values: Mapping[str, object]

    @property
    def bindings(self) -> list[str]:
        """As on a command line, like "WarmupCosine.peak = 0.003"."""
        return [f"{name} = {_as_gin(value)}" for name, value in self.values.items()]


def _as_gin(value: object) -> str:
    """As gin reads it; texts that begin with @ or % are references, also in a list."""
    if isinstance(value, tuple | list):
        inner = ", ".join(map(_as_gin, value))
        return f"({inner},)" if inner else "()"
    return value if isinstance(value, str) and value[:1] in ("@", "%") else repr(value)


@gin.register
@dataclass(frozen=True)
class Sweep:
    """Trials with values drawn at random, the weaker ones of which are stopped early.

    They are stopped by asynchronous successive halving (ASHA, Li et al., 2020, https://arxiv.org/abs/1810.05934): at
    `first_epochs`, and again at each `factor` times as many, those below the best 1/factor of the trials so far end.

    Args:
        space: distribution of each value, by the name of its binding: the name of one of Ray Tune's with its arguments,
            like ("loguniform", 1e-4, 1e-2) or ("choice", [16, 32]). A text that begins with @ or % is a reference.
        trials: how many are drawn, each another one; fewer where the space has no more.
        fold: that is trained.
        first_epochs: epochs before a trial can be stopped.
        factor: above 1.
        seed: of the draws.

    Raises:
        UserError: an empty space, a distribution that is none, numbers out of their range.
    """

    space: dict[str, Sequence[object]] = field(default_factory=dict)
    trials: int = 16
    fold: int = 0
    first_epochs: int = 5
    factor: float = 3.0
    seed: int = 0

    def __post_init__(self):
        if not isinstance(self.space, dict) or not self.space:
            raise UserError('Sweep.space is like {"WarmupCosine.peak": ("loguniform", 1e-4, 1e-2)}, and has a name')
        if self.trials < 1 or self.first_epochs < 1 or not self.factor > 1:
            raise UserError(
                f"Sweep: trials and first_epochs are 1 or more, factor above 1, not {self.trials}, "
                f"{self.first_epochs}, {self.factor}"
            )
        check_seed(self.seed, "Sweep.seed")
        for name, given in self.space.items():
            _check_distribution(name, given)

    def draw(self) -> list[Trial]:
        """The trials, the same for the same space and seed; those of a larger number begin with those of a smaller."""
        generator = np.random.RandomState(self.seed)
        domains = {name: _domain(name, *given) for name, given in self.space.items()}
        drawn: dict[str, dict[str, object]] = {}
        for _ in range(DRAWS * self.trials):
            values = {name: _plain(domain.sample(random_state=generator)) for name, domain in domains.items()}
            drawn.setdefault(repr(values), values)
            if len(drawn) == self.trials:
                break
        return [Trial(f"trial_{number:03d}", values) for number, values in enumerate(drawn.values())]


def _check_distribution(name: str, given: object) -> None:
    if not isinstance(given, tuple | list) or not given or not isinstance(given[0], str):
        raise UserError(f'Sweep.space: {name} is drawn from a distribution, like ("uniform", 0.0, 1.0), not {given!r}')
    if made := next((value for value in _flat(given) if callable(value)), None):
        raise UserError(f"Sweep.space: {name}: write '@{made.__name__}' in quotes, so that it is made by each trial")
    if given[0] not in DISTRIBUTIONS:
        hint = did_you_mean(given[0], DISTRIBUTIONS) or f": there are {listed(DISTRIBUTIONS)}"
        raise UserError(f"Sweep.space: {name} has no distribution {given[0]}{hint}")


def _flat(values: Sequence[object]) -> Iterator[object]:
    for value in values:
        yield from _flat(value) if isinstance(value, tuple | list) else [value]


def _domain(name: str, distribution: str, *arguments: object):
    """One of Ray Tune's; what it has against its arguments is told."""
    from ray import tune

    make = getattr(tune, distribution)
    try:
        domain = make(*arguments)
        domain.sample(random_state=np.random.RandomState(0))
        return domain
    except (TypeError, ValueError, IndexError, ZeroDivisionError) as error:
        takes = ", ".join(inspect.signature(make).parameters)
        raise UserError(f"Sweep.space: {name} by {distribution}({takes}): {error}") from error


def _plain(value: object) -> object:
    """A value as gin reads it: NumPy's numbers are Python's."""
    return value.item() if isinstance(value, np.generic) else value
