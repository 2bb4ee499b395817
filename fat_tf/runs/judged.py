"""The clips that a run is judged by, with their labels: runs of the same ones compare."""

import csv
import hashlib
import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fat_tf.runs.file_names import CLIPS, FOLDS, LABELS
from fat_tf.runs.manifest import Manifest, read_as_begun

Labels = Mapping[str, frozenset[str]]  # of clips, by fname


@dataclass(frozen=True)
class JudgingClips:
    """classes: names of all. out_of_fold: clips of the folds that are done. test: none where no label is known."""

    classes: frozenset[str]
    out_of_fold: Labels
    test: Labels

    @property
    def key(self) -> str:
        """The same for the same classes, clips and labels."""
        clips = [sorted((fname, sorted(of)) for fname, of in part.items()) for part in (self.out_of_fold, self.test)]
        return hashlib.sha256(repr([sorted(self.classes), clips]).encode("utf-8", "surrogatepass")).hexdigest()


def read_judged(run: Path, manifest: Manifest, folds: Collection[int]) -> JudgingClips:
    """What the results of a run with these folds are judged by.

    Raises:
        UserError: a table that is missing, or is not what it was.
    """
    labels, clips, fold_table = (read_as_begun(run, name, manifest) for name in (LABELS, CLIPS, FOLDS))
    return _judged(labels, clips, fold_table, frozenset(map(str, folds)))


@cache
def _judged(labels: str, clips: str, folds: str, done: frozenset[str]) -> JudgingClips:
    """From the texts of the tables; runs side by side often have the same ones."""
    scored = {row["fname"] for row in _rows(folds) if row["fold"] in done}
    of_source: dict[str, dict[str, frozenset[str]]] = {"curated": {}, "test": {}}
    for row in _rows(clips):
        if row["source"] == "test" or (row["source"] == "curated" and row["fname"] in scored):
            of_source[row["source"]][row["fname"]] = frozenset(filter(None, row["labels"].split(",")))
    test = of_source["test"] if any(of_source["test"].values()) else {}
    return JudgingClips(frozenset(row["label"] for row in _rows(labels)), of_source["curated"], test)


@cache
def folds_in(folds: str) -> int:
    """The number of folds in the text of folds.csv."""
    return len({row["fold"] for row in _rows(folds)})


def _rows(text: str) -> csv.DictReader:
    return csv.DictReader(io.StringIO(text, newline=""))
