"""What is only to be looked at must not end a training."""

from collections.abc import Callable

from fat_tf.notices import warn


class Harmless:
    """Does things until one fails, which it says; from then on it does nothing.

    Args:
        consequence: of a failure, in words.
    """

    def __init__(self, consequence: str):
        self._consequence, self._failed = consequence, False

    def __call__(self, action: Callable[..., None], *arguments: object) -> None:
        """Do it, unless something has failed before."""
        if self._failed:
            return
        try:
            action(*arguments)
        except Exception as error:  # a full disk, a font, a sound that is gone: a night of training goes on
            self._failed = True
            reason = " ".join(str(getattr(error, "message", error)).split()) or type(error).__name__
            warn(f"{self._consequence}; the training goes on: {reason}")
