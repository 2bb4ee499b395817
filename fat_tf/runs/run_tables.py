"""The tables of a run: labels.csv, clips.csv, folds.csv; and what differs between those of two calls, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from fat_tf.data.csv_table import read_table
from fat_tf.data.csv_text import csv_text
from fat_tf.data.groups import has_groups
from fat_tf.errors import listed
from fat_tf.names import spelled
from fat_tf.runs.file_names import CLIPS, FOLDS, LABELS
from fat_tf.runs.labels import labels_csv, read_labels
from fat_tf.runs.manifest import Manifest, read_as_begun, sha256

SHOWN = 3  # clips that a difference names


@dataclass(frozen=True)
class RunTables:
    """vocabulary: classes in the order of every array. clips: those used, with source, fname, labels (a text), path
    (below the data set's folder; runs of before it was kept lack it) and, where there are groups, group.

    folds: fname, fold and perhaps given (as in the data set's column fold) of the curated clips; all values are texts.
    """

    vocabulary: tuple[str, ...]
    clips: pd.DataFrame
    folds: pd.DataFrame

    @cached_property
    def texts(self) -> dict[str, str]:
        """The files by name."""
        csv = {CLIPS: self.clips, FOLDS: self.folds}
        return {LABELS: labels_csv(self.vocabulary)} | {name: csv_text(t) for name, t in csv.items()}

    @property
    def checksums(self) -> dict[str, str]:
        """sha256 of each file, for the manifest."""
        return {name: sha256(text) for name, text in self.texts.items()}


def run_tables(vocabulary: tuple[str, ...], clips: pd.DataFrame, folds: pd.Series) -> RunTables:
    """The tables of a data set's clips.

    Args:
        vocabulary: of the data set.
        clips: fname, source, labels (tuples), path, fold and group (as given, or None) of the clips that a run uses.
        folds: number of the fold of each curated clip, in their order.
    """
    used = clips[["source", "fname"]].assign(labels=clips["labels"].map(",".join)).reset_index(drop=True)
    used["path"] = clips["path"].map(spelled).to_numpy()
    if has_groups(clips):
        used["group"] = clips["group"].fillna("").to_numpy()
    curated = clips[clips["source"] == "curated"]
    table = pd.DataFrame({"fname": list(curated["fname"]), "fold": [str(fold) for fold in folds]})
    if curated["fold"].notna().all():
        table["given"] = list(curated["fold"])
    return RunTables(vocabulary, used, table)


def read_run_tables(run: Path, manifest: Manifest) -> RunTables:
    """The tables that a run was begun with.

    Raises:
        UserError: one is missing, or is not what it was.
    """
    for name in manifest.files:
        read_as_begun(run, name, manifest)
    clips = read_table(run / CLIPS, ["source", "fname", "labels"])
    return RunTables(read_labels(run), clips, read_table(run / FOLDS, ["fname", "fold"]))


def in_their_order(clips: pd.DataFrame, tables: RunTables) -> pd.DataFrame:
    """Clips in the order that a run has them, new ones behind: rows of its arrays do not follow a sorted CSV."""
    places = {key: place for place, key in enumerate(zip(tables.clips["source"], tables.clips["fname"], strict=True))}
    keys = zip(clips["source"], clips["fname"], strict=True)
    order = pd.Series([places.get(key, len(places)) for key in keys], clips.index).sort_values(kind="stable")
    return clips.loc[order.index].reset_index(drop=True)


def table_changes(before: RunTables, now: RunTables) -> list[str]:
    """What differs in classes, clips, labels and folds; noisy clips count where both have some.

    Labels of test clips may differ: nothing is trained on them.
    """
    return clip_changes(before, now) or [*group_changes(before, now), *fold_changes(before, now)]


def clip_changes(before: RunTables, now: RunTables) -> list[str]:
    """What differs in classes, clips and labels, as in `table_changes`."""
    changes = list(_class_changes(before.vocabulary, now.vocabulary))
    for source in ("curated", "test", "noisy"):
        a, b = (_labels(tables, source) for tables in (before, now))
        if source != "noisy" or (a and b):
            changes += _clip_changes(source, a, b)
    return changes


def _labels(tables: RunTables, source: str) -> dict[str, str]:
    of_source = tables.clips[tables.clips["source"] == source]
    return dict(zip(of_source["fname"], of_source["labels"], strict=True))


def _class_changes(before: tuple[str, ...], now: tuple[str, ...]) -> Iterator[str]:
    if gone := [label for label in before if label not in now]:
        yield f"classes gone: {listed(gone)}"
    if new := [label for label in now if label not in before]:
        yield f"new classes: {listed(new)}"
    if set(before) == set(now) and before != now:
        first = next(place for place, pair in enumerate(zip(before, now, strict=True)) if pair[0] != pair[1])
        yield f"another order of classes: place {first} has {before[first]} → {now[first]}"


def _clip_changes(source: str, before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    if gone := [fname for fname in before if fname not in now]:
        yield f"{len(gone)} of {len(before)} {source} clips are gone: {listed(gone, SHOWN)}"
    if new := [fname for fname in now if fname not in before]:
        yield f"{len(new)} {source} clips are new: {listed(new, SHOWN)}"
    if source != "test":
        other = [fname for fname in before if fname in now and _set(before[fname]) != _set(now[fname])]
        if other:
            examples = listed((f"{fname} {before[fname]} → {now[fname]}" for fname in other), SHOWN)
            yield f"{len(other)} of {len(before)} {'' if source == 'curated' else source + ' '}clips have other " \
                  f"labels: {examples}"  # fmt: skip


def _set(labels: str) -> set[str]:
    return set(labels.split(","))


def group_changes(before: RunTables, now: RunTables) -> Iterator[str]:
    """Of the clips that both have and that are trained on."""
    a, b = (_groups(tables) for tables in (before, now))
    if other := [key for key in a if a[key] != b.get(key, a[key])]:
        examples = listed((f"{key[1]} {a[key] or 'none'} → {b[key] or 'none'}" for key in other), SHOWN)
        yield f"{len(other)} of {len(a)} clips are of another group: {examples}"


def _groups(tables: RunTables) -> dict[tuple[str, str], str]:
    """Group by source and fname; empty texts where there are none."""
    trained = tables.clips[tables.clips["source"] != "test"]
    names = trained["group"] if "group" in trained else [""] * len(trained)
    return dict(zip(zip(trained["source"], trained["fname"], strict=True), names, strict=True))


def fold_changes(before: RunTables, now: RunTables) -> Iterator[str]:
    """Of the curated clips that both have."""
    a, b = (dict(zip(tables.folds["fname"], tables.folds["fold"], strict=True)) for tables in (before, now))
    if other := [fname for fname in a if a[fname] != b.get(fname, a[fname])]:
        examples = listed((f"{fname} {a[fname]} → {b[fname]}" for fname in other), SHOWN)
        yield f"{len(other)} of {len(a)} clips are in another fold: {examples}"
