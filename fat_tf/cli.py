"""What the command-line tools share."""

import argparse
import os
import sys
from collections.abc import Callable

from fat_tf.config import ConfigError
from fat_tf.errors import UserError

WRONG_USAGE, INTERRUPTED = 2, 130


def parser(description: str, default_gin: str | None = None) -> argparse.ArgumentParser:
    """A parser with the configuration's flags."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument(
        "--gin_file",
        action="append",
        required=default_gin is None,
        help="configuration; repeatable, later ones win; looked up as given, in gin/, in the installed copy"
        + (f" (default: {default_gin})" if default_gin else ""),
    )
    made.add_argument(
        "--gin_param",
        action="append",
        default=[],
        help='one binding that wins over the files, like --gin_param="EPOCHS=60"; repeatable',
    )
    return made


def numbers(text: str) -> list[float]:
    """The value of a flag like 0.7,0.3."""
    return [float(number) for number in text.split(",")]


def run(main: Callable[[], object], interrupted: str = "") -> None:
    """Run a tool: what a user can mend is one line on stderr and status 2, never a traceback.

    Args:
        main: the tool.
        interrupted: how to go on after Ctrl-C.
    """
    try:
        main()
    except (UserError, ConfigError) as error:
        print(f"Error: {error.message}", file=sys.stderr)
        sys.exit(WRONG_USAGE)
    except KeyboardInterrupt:
        print(f"Interrupted. {interrupted}".rstrip(), file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # the reader, like `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
