"""When pictures are drawn, so that they take next to nothing of the training time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

GROWTH = 1.5  # of the epochs from one drawing to the next: ten in 65 epochs, as many as TensorBoard keeps


class Budget:
    """Draws after the first epoch, then in ever longer distances, as far as a share of the time allows.

    Args:
        share: of the time since now that drawings may take; 0 for none.
    """

    def __init__(self, share: float):
        self._share, self._began = share, time.perf_counter()
        self._spent, self._last, self._drawn = 0.0, 0.0, 0

    def allows(self, epochs: int) -> bool:
        """Whether to draw after so many epochs."""
        if not self._drawn:
            return self._share > 0
        allowed = self._share * (time.perf_counter() - self._began)
        return epochs >= GROWTH * self._drawn and self._spent + self._last <= allowed

    def has_drawn(self, epochs: int) -> bool:
        """Whether the last drawing was after so many epochs."""
        return self._drawn == epochs

    @contextmanager
    def spending(self, epochs: int) -> Iterator[None]:
        """Count what is done meanwhile as a drawing after so many epochs."""
        began = time.perf_counter()
        yield
        self._last = time.perf_counter() - began
        self._spent, self._drawn = self._spent + self._last, epochs
