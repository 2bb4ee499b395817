"""What the files of a finished run say about it; a file that is missing says nothing."""

import json
import re
import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from fat_tf import config
from fat_tf.data.csv_table import read_table
from fat_tf.errors import UserError
from fat_tf.files import read_text
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.environment import ENVIRONMENT
from fat_tf.runs.file_names import CONFIG, METRICS, OPERATIVE_CONFIG
from fat_tf.runs.manifest import Manifest, read_manifest
from fat_tf.runs.recipe_changes import CLASS
from fat_tf.runs.run_tables import FOLDS
from fat_tf.runs.score_table import TEST, read_scores

FOLDERS = re.compile(r"""(?<=[\s'"=])~?/(?:[^\s'"/]+/)*(?=[^\s'"/])""")  # of an absolute path


@dataclass(frozen=True)
class RunFacts:
    """A finished run.

    name: of its folder. manifest: None of a run of an earlier version. metrics, environment: of the JSON files.
    configuration: gin, without folders of this machine. folds: fname, fold, perhaps given, of the curated clips.
    test_scores: fname of the test clips. Both may have no rows. networks: numbers of the finished folds.
    """

    name: str
    manifest: Manifest | None
    metrics: dict
    environment: dict
    configuration: str
    folds: pd.DataFrame
    test_scores: pd.DataFrame
    networks: list[int]

    @cached_property
    def data(self) -> str:
        """Name of the data set's folder, or an empty text."""
        if not self.manifest:
            return ""
        return Path(self.manifest.data_dir).name if self.manifest.data_dir else "the built-in data set"

    @cached_property
    def command(self) -> str:
        """What trains the same, without the places on that machine; or an empty text."""
        if not self.manifest or not self.manifest.gin_files:
            return ""
        given = [f"--gin_file={Path(file).name}" for file in self.manifest.gin_files]
        given += [f"--gin_param={without_folders(param)}" for param in self.manifest.gin_params]
        for flag, place in (("data_dir", self.manifest.data_dir), ("folds_from", self.manifest.folds_from)):
            given += [f"--{flag}={Path(place).name}"] if place else []
        some = len(self.networks) < self.folds["fold"].nunique()
        given += [f"--folds={','.join(map(str, self.networks))}"] if some else []
        return shlex.join(["python", "tools/train.py", *given])

    @cached_property
    def model(self) -> str:
        """The model's name and size, or an empty text."""
        model = self._recipe.get("model")
        return f"{model[CLASS]}, {model['parameters']:,} parameters" if model else ""

    @cached_property
    def stages(self) -> list[str]:
        """Each stage and its clips."""
        return [f"{stage['name']} ({_clips_of(stage)})" for stage in self._recipe.get("stages", [])]

    @cached_property
    def keeps_last_weights(self) -> bool:
        """Whether no clips chose the epochs whose weights are kept."""
        return bool(self._recipe.get("last_weights", False))

    @cached_property
    def selection_has_seen_all(self) -> bool:
        """Whether noisy clips were chosen by models that had seen the clips which the folds are judged by."""
        chosen = any(stage["data"] == "curated+best" for stage in self._recipe.get("stages", []))
        return chosen and (self._recipe["selection"] or {}).get("scope") == "all_folds"

    @property
    def _recipe(self) -> dict:
        return dict(self.manifest.recipe) if self.manifest else {}

    def value(self, binding: str) -> str:
        """What the configuration binds this to, macros resolved, without quotes; empty if nothing."""
        text = self._bindings.get(binding, "")
        return (self._bindings.get(text[1:], text) if text.startswith("%") else text).strip("'")

    @cached_property
    def _bindings(self) -> dict[str, str]:
        return config.bindings(self.configuration)


def _clips_of(stage: dict) -> str:
    data = stage["data"]
    if isinstance(data, dict):  # a set of clips of a person's own
        return data[CLASS]
    return data.replace("+best", " and chosen noisy").replace("+", " and ") + " clips"


def run_facts(run: Path) -> RunFacts:
    """Read what a finished run says about itself.

    Raises:
        UserError: a file that is there but cannot be read.
    """
    texts = [run / name for name in (OPERATIVE_CONFIG, CONFIG)]
    configuration = next((read_text(file) for file in texts if file.is_file()), "")
    return RunFacts(
        run.resolve().name,
        read_manifest(run),
        _json(run / METRICS),
        _json(run / ENVIRONMENT),
        without_folders(configuration).strip(),
        _table(run / FOLDS, ["fname", "fold"]),
        _scored(run / TEST),
        RunDirectory(run).scored_folds(),
    )


def without_folders(text: str) -> str:
    """A text where absolute paths are the names of what they lead to."""
    return FOLDERS.sub("", text)


def _json(file: Path) -> dict:
    try:
        return json.loads(read_text(file)) if file.is_file() else {}
    except ValueError as error:
        raise UserError(f"{file} is damaged ({error}): copy the run anew") from error


def _table(file: Path, columns: list[str]) -> pd.DataFrame:
    return read_table(file, columns) if file.is_file() else pd.DataFrame(columns=columns)


def _scored(scores: Path) -> pd.DataFrame:
    return pd.DataFrame({"fname": read_scores(scores).fnames if scores.is_file() else ()})
