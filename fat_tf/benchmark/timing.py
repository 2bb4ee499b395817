"""Speed, as ratios of things measured side by side: machines differ, and the same one from hour to hour."""

import statistics
import time
from collections.abc import Callable

ROUNDS = 5


def seconds(work: Callable[[], object]) -> float:
    """Time that a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def alternate(*works: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, ...]:
    """Median seconds of works that take turns, after one round to warm up."""
    for work in works:
        work()
    times = [[seconds(work) for work in works] for _ in range(rounds)]
    return tuple(map(statistics.median, zip(*times, strict=True)))
