"""What the files of a finished run say about it; a file that is missing says nothing."""

import json
import re
import shlex
from argparse import ArgumentParser
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from fat_tf.data.tables import read_table
from fat_tf.errors import UserError
from fat_tf.runs.directory import ENVIRONMENT, RunDirectory

BINDING = re.compile(r"^([\w./]+) = (.*(?:\n[ \t]+.*)*)", re.MULTILINE)
FOLDERS = re.compile(r"""(?<=[\s'"=])~?/(?:[^\s'"/]+/)*(?=[^\s'"/])""")  # of an absolute path


@dataclass(frozen=True)
class RunFacts:
    """A finished run.

    name: of its folder. metrics, environment: of the JSON files. configuration: gin, without folders of this machine.
    folds: fname, fold, perhaps given, of the curated clips. test_scores: of the test clips. Both may have no rows.
    networks: finished folds.
    """

    name: str
    metrics: dict
    environment: dict
    configuration: str
    folds: pd.DataFrame
    test_scores: pd.DataFrame
    networks: int

    @cached_property
    def data(self) -> str:
        """Name of the data set's folder, or an empty text."""
        if not self._is_by_train_tool:
            return ""
        return Path(self._flags.data_dir).name if self._flags.data_dir else "the built-in data set"

    @cached_property
    def command(self) -> str:
        """What was called to train it, without the places on that machine; or an empty text."""
        if not self._is_by_train_tool:
            return ""
        flags = self._flags
        given = [f"--gin_file={Path(file).name}" for file in flags.gin_file]
        given += [f"--gin_param={without_folders(param)}" for param in flags.gin_param]
        given += [f"--data_dir={Path(flags.data_dir).name}"] if flags.data_dir else []
        given += [f"--folds={flags.folds}"] if flags.folds else []
        return shlex.join(["python", "tools/train.py", *given])

    @cached_property
    def model(self) -> str:
        """The model's name and width, or an empty text."""
        name = self.value("Recipe.model").removeprefix("@")
        width = self.value(f"{name}.width")
        return f"{name}, width {width}" if width else name

    @cached_property
    def stages(self) -> list[str]:
        """Each stage, its clips, and how often it was run."""
        return [self._stage(name) for name in re.findall(r"@([\w.]+)/Stage", self.value("Recipe.stages"))]

    def _stage(self, name: str) -> str:
        data, repeats = self.value(f"{name}/Stage.data"), self.value(f"{name}/Stage.repeats")
        data = data.replace("+best", " and chosen noisy").replace("+", " and ")
        details = [f"{data} clips"] * bool(data) + [f"{repeats} times"] * (repeats not in ("", "1"))
        return f"{name} ({', '.join(details)})" if details else name

    def value(self, binding: str) -> str:
        """What the configuration binds this to, macros resolved, without quotes; empty if nothing."""
        text = self._bindings.get(binding, "")
        return (self._bindings.get(text[1:], text) if text.startswith("%") else text).strip("'")

    @cached_property
    def _bindings(self) -> dict[str, str]:
        return dict(BINDING.findall(self.configuration))

    @property
    def _is_by_train_tool(self) -> bool:
        return self.environment.get("command", [""])[0] == "train.py"

    @cached_property
    def _flags(self):
        parser = ArgumentParser(add_help=False)
        parser.add_argument("--gin_file", action="append", default=[])
        parser.add_argument("--gin_param", action="append", default=[])
        for name in ("--data_dir", "--run_dir", "--folds", "--cache_dir"):  # those of tools/train.py
            parser.add_argument(name)
        return parser.parse_known_args(self.environment["command"][1:])[0]


def run_facts(run: Path) -> RunFacts:
    """Read what a finished run says about itself.

    Raises:
        UserError: a file that is there but cannot be read.
    """
    texts = [run / name for name in ("operative_config.gin", "config.gin")]
    configuration = next((file.read_text() for file in texts if file.is_file()), "")
    return RunFacts(
        run.resolve().name,
        _json(run / "metrics.json"),
        _json(run / ENVIRONMENT),
        without_folders(configuration).strip(),
        _table(run / "folds.csv", ["fname", "fold"]),
        _table(run / "test_scores.csv", ["fname"]),
        len(RunDirectory(run).scored_folds()),
    )


def without_folders(text: str) -> str:
    """A text where absolute paths are the names of what they lead to."""
    return FOLDERS.sub("", text)


def _json(file: Path) -> dict:
    try:
        return json.loads(file.read_text()) if file.is_file() else {}
    except ValueError as error:
        raise UserError(f"{file} is damaged ({error}): copy the run anew") from error


def _table(file: Path, columns: list[str]) -> pd.DataFrame:
    return read_table(file, columns) if file.is_file() else pd.DataFrame(columns=columns)
