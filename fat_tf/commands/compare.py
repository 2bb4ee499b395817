"""Another name of `runs`."""

from fat_tf.commands import runs
from fat_tf.commands.runs import add_flags, main

__all__ = ["add_flags", "main"]
__doc__ = runs.__doc__.replace("fat-tf runs", "fat-tf compare")
