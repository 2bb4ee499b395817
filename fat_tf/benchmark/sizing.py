"""What large sets would cost on one machine: computed from measured rates, not run."""

from collections.abc import Iterator
from dataclasses import dataclass

import gin

from fat_tf.errors import UserError
from fat_tf.terminal import markdown_table

WAV = 2 * 44100  # bytes a second, 16 bits, one channel
GIGABYTE, HOUR = 1e9, 3600
SCORE, LABEL = 8, 1  # bytes: of a score in scores.npz, of a label in memory


@gin.register
@dataclass(frozen=True)
class Sizing:
    """Sets and rates.

    Args:
        sets: (name, clips, seconds of sound in a clip, classes) of each.
        times_real_time: of decoding and drawing pictures.
        picture_bytes: of a second's pictures on the disk.
        training: clips/s.
        scoring: windows/s.
        windows: a clip that are scored.
        epochs, folds: of a training.
    """

    sets: tuple[tuple[str, int, float, int], ...]
    times_real_time: float
    picture_bytes: float
    training: float
    scoring: float
    windows: float
    epochs: int
    folds: int

    def __post_init__(self):
        rates = {name: value for name, value in vars(self).items() if name != "sets"}
        if wrong := [name for name, value in rates.items() if not value > 0]:
            raise UserError(f"Sizing.{wrong[0]} is above 0, not {rates[wrong[0]]!r}")
        if not all(isinstance(one, tuple | list) and len(one) == 4 for one in self.sets):
            raise UserError("Sizing.sets: each is (name, clips, seconds of sound in a clip, classes)")

    def table(self) -> str:
        """Markdown: a row for each set."""
        head = ["computed, not run", "hours of sound", "WAV, GB", "pictures, GB", "scores and labels, GB", "prepare, h"]
        head += ["an epoch, h", f"{self.epochs} epochs of {self.folds} folds, days", "scores of all by one fold, h"]
        return markdown_table(head, (list(self._row(*one)) for one in self.sets))

    def _row(self, name: str, clips: int, seconds: float, classes: int) -> Iterator[str]:
        sound = clips * seconds
        epoch = clips * (1 - 1 / self.folds) / self.training / HOUR
        yield f"{name}: {clips:,} clips of {seconds:g} s, {classes} classes"
        yield _number(sound / HOUR)
        yield _number(sound * WAV / GIGABYTE)
        yield _number(sound * self.picture_bytes / GIGABYTE)
        yield _number(clips * classes * (SCORE + LABEL) / GIGABYTE)
        yield _number(sound / self.times_real_time / HOUR)
        yield _number(epoch)
        yield _number(epoch * self.epochs * self.folds / 24)
        yield _number(clips * self.windows / self.scoring / HOUR)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
