"""The folder that sounds were moved to, since a table or a run named their place."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from fat_tf.data.listed_sounds import ListedSounds
from fat_tf.errors import UserError, listed

SHOWN = 3  # clips that a message names


class MovedSounds:
    """Finds clips by their name, below the folder where they lie now.

    Args:
        folder: looked through once.
        clips: the names of each clip, as in `find`.

    Raises:
        UserError: it is no folder, or none of the clips is there.
    """

    def __init__(self, folder: str | Path, clips: Iterable[tuple[str, ...]]):
        if not Path(folder).is_dir():
            raise UserError(f"{folder} is no folder: name the one where the sounds lie now")
        self._sounds, clips = ListedSounds(Path(folder)), list(clips)
        self._clips_of = Counter(name for names in clips for name in set(names))
        if not any(self.find(*names) for names in clips):
            examples = listed((names[-1] for names in clips), SHOWN)
            raise UserError(f"{folder} has none of the clips ({examples}): name the folder where they lie now")

    def find(self, *names: str) -> str | None:
        """Path of the sound that a clip's names mean: the first that is of this clip and of one file alone; or None."""
        of_clip = (name for name in names if self._clips_of[name] <= 1)
        return next(filter(None, map(self._sounds.find_only, of_clip)), None)
