"""What TensorBoard is given of a run beside its curves."""

from collections.abc import Sequence
from dataclasses import dataclass

import gin

from fat_tf.errors import UserError, listed


@gin.register
@dataclass(frozen=True)
class Board:
    """Settings of TensorBoard; nothing of them changes what is trained.

    Args:
        classes: names of those that have curves of their own after every epoch; the worst and the best ones have
            theirs at a fold's end.
        sounds: validation clips to listen to, and as many of those that score worst.
        share: of the training time that pictures and sounds may take, beside those of the first and the last epoch;
            0 for none at all.

    Raises:
        UserError: classes that are no list of names, fewer sounds than none, a share that is none.
    """

    classes: Sequence[str] = ()
    sounds: int = 3
    share: float = 0.01

    def __post_init__(self):
        if not isinstance(self.classes, tuple | list) or not all(isinstance(name, str) for name in self.classes):
            raise UserError(f"Board.classes is a list of names like ('Bark', 'Rain'), not {self.classes!r}")
        if self.sounds < 0:
            raise UserError(f"Board.sounds must be 0 or more, not {self.sounds}")
        if not 0 <= self.share <= 1:
            raise UserError(f"Board.share is a share of 0 to 1 of the training time, not {self.share}")

    def check(self, vocabulary: Sequence[str]) -> None:
        """Raise a UserError where a class of the settings is none of these."""
        if strange := [name for name in self.classes if name not in vocabulary]:
            raise UserError(f"Board.classes names {listed(strange)}: the data set's classes are {listed(vocabulary)}")
