"""The flags of a command: each with hyphens or underscores, and one line that helps where one is wrong."""

import argparse
import math
import os
import re
from collections.abc import Sequence

from fat_tf.commands.given_places import Cache, Sounds, Work
from fat_tf.config.messages import did_you_mean
from fat_tf.errors import UserError

BINDING = re.compile(r"[\w./]+\s*=")


class Parser(argparse.ArgumentParser):
    """A parser that says in one line what is wrong, and what was probably meant."""

    def __init__(self, command: str, program: str, text: str):
        """Make a parser.

        Args:
            command: its name.
            program: what it was called by, like "python tools/train.py".
            text: what it does; its examples say `fat-tf NAME`.
        """
        text = text.replace(f"fat-tf {command}", program)
        super().__init__(
            program, description=text, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
        )

    def parse_args(self, arguments: Sequence[str]) -> argparse.Namespace:
        """The values of the flags; --gin-file is --gin_file.

        Raises:
            UserError: a flag that is unknown, lacking, or has a wrong value.
        """
        arguments = [_with_underscores(argument) for argument in arguments]
        for before, argument in zip(["", *arguments], arguments, strict=False):
            self._check(argument, before)
        return super().parse_args(arguments)

    def _check(self, argument: str, before: str) -> None:
        """Raise a UserError for what is no flag of this command, with what was meant."""
        name = argument.split("=")[0]
        if (name[:2] == "--" and argument == f"{name}=") or (not argument and before[:2] == "--"):
            self.error(f"{name or before} is empty: give it a value, or leave it out")
        if re.match("--?[A-Za-z]", argument) and name not in self._option_string_actions:
            self.error(f"unknown flag {name}{did_you_mean(_flag(name), self._option_string_actions)}")
        if before.startswith("-") and "=" not in before:
            return  # it is the value of the flag before
        if argument.endswith(".gin") and not argument.startswith("-"):
            self.error(f"{argument} is a configuration: give it as --gin_file={argument}")
        is_binding = BINDING.match(argument) and not os.path.exists(argument)
        if is_binding and "--gin_param" in self._option_string_actions:
            self.error(f'{argument} is a binding: give it as --gin_param="{argument}"')

    def error(self, message: str):
        """Raise it as a UserError; the caller prints it in a line."""
        raise UserError(f"{message} ({self.prog} --help lists the flags)")


def _with_underscores(argument: str) -> str:
    """The name of a flag in our spelling."""
    name, equals, value = argument.partition("=")
    return name[:2] + name[2:].replace("-", "_") + equals + value if name.startswith("--") else argument


def _flag(name: str) -> str:
    return "--" + name.lstrip("-").replace("-", "_")


def add_configuration(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    """Add --gin_file and --gin_param.

    Args:
        parser: of the command.
        default: the configuration that is taken without; None: one must be given.
    """
    parser.add_argument(
        "--gin_file",
        action="append",
        required=default is None,
        help="configuration; repeatable, later ones win; looked up as given, in gin/, in the installed copy"
        + (f" (default: {default})" if default else ""),
    )
    parser.add_argument(
        "--gin_param",
        action="append",
        default=[],
        help='one binding that wins over the files, like --gin_param="EPOCHS=60"; repeatable',
    )


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add --data_dir of a command that trains."""
    parser.add_argument(
        "--data_dir",
        type=Sounds,
        help="folder of sounds, a folder a class or with a CSV; default: the built-in set",
    )


def add_run_dir(parser: argparse.ArgumentParser, what: str) -> None:
    """Add --run_dir of a command that trains; `what` goes there, in words."""
    parser.add_argument(
        "--run_dir",
        type=Work,
        help=f"{what}; the same folder again goes on where it stopped (default: runs/CONFIGURATION-TIME)",
    )


def add_folds(parser: argparse.ArgumentParser) -> None:
    """Add --folds of a command that trains."""
    parser.add_argument(
        "--folds", type=folds, help="numbers of the folds to train, like 0,2 (default: the configuration's)"
    )


def add_cache(parser: argparse.ArgumentParser) -> None:
    """Add --cache_dir."""
    parser.add_argument("--cache_dir", type=Cache, help="where log-mels are kept (default: ~/.cache/fat_tf/features)")


def add_executor(parser: argparse.ArgumentParser) -> None:
    """Add --executor and --ray_address."""
    parser.add_argument(
        "--executor",
        choices=("local", "ray"),
        default="local",
        help="where the work is done: in this process, or as tasks of Ray, here or on a cluster (default: local)",
    )
    add_ray_address(parser)


def add_ray_address(parser: argparse.ArgumentParser) -> None:
    """Add --ray_address."""
    parser.add_argument(
        "--ray_address",
        metavar="HOST:PORT",
        help="a Ray cluster that is there already (default: one of this machine's processors, for this call)",
    )


def add_audio(parser: argparse.ArgumentParser) -> None:
    """Add --audio of a run whose sounds lie elsewhere now."""
    parser.add_argument("--audio", type=Sounds, metavar="FOLDER", help="where the sounds are now, if they were moved")


def finite(text: str) -> float:
    """The value of a flag that is a number, and neither nan nor infinite."""
    if not math.isfinite(number := float(text)):
        raise ValueError
    return number


def numbers(text: str) -> list[float]:
    """The value of a flag like 0.7,0.3."""
    return [finite(number) for number in text.split(",")]


def folds(text: str) -> list[int]:
    """The value of a flag like 0,2."""
    return [int(number) for number in text.split(",")]


def counts(text: str) -> list[int]:
    """The value of a flag like 1000,10000: each 1 or more."""
    if min(counts := [int(number) for number in text.split(",")]) < 1:
        raise ValueError
    return counts
