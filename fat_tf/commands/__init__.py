"""The table of commands: behind `fat-tf NAME` and behind `python tools/NAME.py`."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module

from fat_tf.commands.flags import Parser
from fat_tf.commands.given_places import at_hand
from fat_tf.commands.surroundings import open_streams, speak_utf8
from fat_tf.config import ConfigError
from fat_tf.config.messages import did_you_mean
from fat_tf.errors import UserError
from fat_tf.storage.urls import with_urls

COMMANDS = {  # each is a module of this package, with `add_flags(parser)` and `main(flags)`
    "train": "trains a configuration: features, folds, stages, scores, report",
    "prepare": "checks every sound and computes its log-mel ahead of training",
    "select_noisy": "chooses the noisy clips that a run agrees with",
    "predict": "scores sounds with a run or an exported model",
    "report": "writes the page of a run, to look at and listen to",
    "evaluate": "says what scores are worth",
    "runs": "shows all runs, or compares some, or follows one",
    "compare": "another name of runs",
    "audit": "finds labels that a run doubts",
    "blend": "blends scores of several runs",
    "learning_curve": "says whether more labelled clips would help",
    "sweep": "searches for better values of a configuration",
    "trade_off": "says what smaller and faster models cost",
    "export": "makes one model of a run for other programs",
    "demo": "opens a page in the browser to try a model",
    "doctor": "tries what is installed, and says what to do about the rest",
    "benchmark": "measures the speed beside peers",
}
WRONG_USAGE, INTERRUPTED = 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """`fat-tf NAME …`: run a command; returns the exit status."""
    if arguments is None:
        speak_utf8()
        arguments = sys.argv[1:]
    open_streams()
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        with _for_a_reader_that_may_leave():
            print(_overview())
        return 0
    name = arguments[0].replace("-", "_")
    if name not in COMMANDS:
        hint = did_you_mean(name, COMMANDS) or f". There are: {', '.join(COMMANDS)}"
        print(f"Error: there is no command {arguments[0]}{hint}", file=sys.stderr)
        return WRONG_USAGE
    return run(name, arguments[1:], f"fat-tf {name}")


def tool(name: str) -> int:
    """`python tools/NAME.py …`: run the command of this name; returns the exit status."""
    speak_utf8()
    open_streams()
    return run(name, sys.argv[1:], f"python tools/{name}.py")


@contextmanager
def _for_a_reader_that_may_leave() -> Iterator[None]:
    """A reader like `head` that has seen enough is no error; what is left to write is written here.

    What cannot be written, since a disk is full, is not tried again when Python ends.
    """
    with suppress(BrokenPipeError):
        try:
            yield
        finally:
            try:
                sys.stdout.flush()
            except OSError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {does}" for name, does in COMMANDS.items()]
    return "\n".join(["usage: fat-tf COMMAND …    (fat-tf COMMAND --help: its flags and examples)", "", *lines])


def run(name: str, arguments: Sequence[str], program: str) -> int:
    """Run a command: what a person can mend is one line on stderr and status 2, never a traceback.

    Args:
        name: of COMMANDS.
        arguments: its flags.
        program: what it was called by, for its help.

    Returns:
        The exit status.
    """
    command = import_module(f"fat_tf.commands.{name}")
    parser = Parser(name, program, command.__doc__)
    command.add_flags(parser)
    try:
        with _for_a_reader_that_may_leave():
            flags = parser.parse_args(arguments)
            with at_hand(flags):
                return command.main(flags) or 0
        return 0
    except (UserError, ConfigError) as error:
        print(f"Error: {with_urls(error.message)}".replace("\n", "\\n"), file=sys.stderr)  # of names with a line break
        return WRONG_USAGE
    except OSError as error:  # no part says more: a full disk behind stdout, a current folder that is gone
        print(f"Error: {str(error).splitlines()[0]}", file=sys.stderr)  # gin adds lines of its own
        return WRONG_USAGE
    except KeyboardInterrupt:
        print(f"Interrupted. {getattr(command, 'TO_GO_ON', '')}".rstrip(), file=sys.stderr)
        return INTERRUPTED
