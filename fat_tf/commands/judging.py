"""The configuration of a command that judges scores."""

import fat_tf.metrics  # noqa: F401 (registers what judges, whatever a configuration imports)
from fat_tf import config
from fat_tf.commands.flags import add_configuration

JUDGE = "judge.gin"


def add_judge(parser):
    """Add --gin_file and --gin_param: how intervals are found."""
    add_configuration(parser, default=JUDGE)


def load_judge(flags):
    """Load it.

    Raises:
        ConfigError: a value that cannot be, a binding that judges nothing.
    """
    config.load(flags.gin_file or [JUDGE], flags.gin_param)
    config.make("Bootstrap")
    config.check_all_read(flags.gin_param)
