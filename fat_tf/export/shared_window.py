"""Files that take one window of sound need models that see the same one."""

from fat_tf.errors import UserError, listed
from fat_tf.inference.run_models import Models


def shared_window(models: Models) -> int:
    """Samples of the window that all models see.

    Raises:
        UserError: they see windows of other lengths, or trim them otherwise.
    """
    front_ends = [group.front_end for group in models.groups]
    kinds = sorted({(front_end.window_seconds, front_end.trim_db) for front_end in front_ends})
    if len(kinds) > 1:
        told = listed(f"{seconds} s trimmed at {trim} dB" for seconds, trim in kinds)
        raise UserError(f"The runs see windows of {told}: this format takes one kind. Export them one by one")
    return front_ends[0].window_samples
