"""What a run works on: the readable clips of a data set, their features, labels and folds."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from fat_tf.data import AudioDataset, assign_folds
from fat_tf.data.builtin import features_folder
from fat_tf.data.cache import Add, FeatureCache
from fat_tf.data.class_names import nearly_alike
from fat_tf.data.csv_text import csv_text
from fat_tf.data.features import scan
from fat_tf.data.fold_assignment import scarce_classes
from fat_tf.data.groups import group_numbers, has_groups, split_groups
from fat_tf.data.same_sounds import UNJUDGED, picture_numbers, same_pictures, similar_pictures
from fat_tf.data.sources import ClipSource, Waveforms, cached_pictures
from fat_tf.errors import UserError, counted, listed
from fat_tf.names import spelled
from fat_tf.notices import warn
from fat_tf.runs.run_tables import RunTables, run_tables
from fat_tf.training.recipe import Recipe

Assign = Callable[[pd.DataFrame, np.ndarray], np.ndarray]  # curated clips, their targets -> folds, as `assign_folds`

SILENT = 1e-6  # dB^2: variance of pictures where nothing is heard


@dataclass(frozen=True)
class FoldedClips:
    """The readable clips of a data set that a run uses, and the fold of each curated one, (curated clips,) int."""

    dataset: AudioDataset
    clips: pd.DataFrame
    folds: np.ndarray

    @property
    def curated(self) -> pd.DataFrame:
        """The curated ones, in the order of `folds`."""
        return self.clips[self.clips["source"] == "curated"]

    def tables(self, recipe: Recipe) -> RunTables:
        """labels.csv, clips.csv and folds.csv of a run with this recipe."""
        of_recipe = self.clips[self.clips["source"].isin(sources_of(recipe))]
        below = of_recipe["path"].map(lambda path: os.path.relpath(path, self.dataset.root))
        return run_tables(self.dataset.vocabulary, of_recipe.assign(path=below), self.folds)


@dataclass(frozen=True)
class RunData:
    """Clips as rows of one source.

    dataset: the readable clips. clips: those that the run uses, a row of the source each: curated, test, noisy.
    targets: (clips, classes) uint8. folds: (curated clips,). index: features' index, a row a clip. bad: error by path.
    """

    dataset: AudioDataset
    clips: pd.DataFrame
    targets: np.ndarray
    folds: np.ndarray
    index: pd.DataFrame
    source: ClipSource
    bad: dict[str, str]

    @property
    def curated(self) -> np.ndarray:
        """Rows of the curated clips."""
        return self._rows("curated")

    @property
    def test(self) -> np.ndarray:
        """Rows of the test clips."""
        return self._rows("test")

    @property
    def noisy(self) -> np.ndarray:
        """Rows of the noisy clips; none where the recipe does not use them."""
        return self._rows("noisy")

    def _rows(self, source: str) -> np.ndarray:
        return np.flatnonzero(self.clips["source"] == source)

    @property
    def test_is_labelled(self) -> bool:
        """Whether test clips have labels; those that have none are background then."""
        return bool(self.targets[self.test].any())

    @cached_property
    def groups(self) -> np.ndarray:
        """(clips,) int, the same for clips of one group, curated or not."""
        return group_numbers(self.clips)

    @cached_property
    def same_sounds(self) -> pd.DataFrame:
        """Clips that sound as one that a fold is judged by; none where groups tell what belongs together.

        fname and fold of a curated clip; same, same_source, same_fold: of the other one, a curated clip of another
        fold, or a noisy clip.
        """
        rows = np.concatenate([self.curated, self.noisy])
        clips, folds = self.clips.iloc[rows], np.concatenate([self.folds, np.full(len(self.noisy), UNJUDGED)])
        pairs = set()
        if not has_groups(clips):
            pairs = same_pictures(self.index, rows, folds)
            if self.source.gives_pictures:
                pairs |= similar_pictures(self.source, rows, folds, picture_numbers(self.index, rows))
        names, sources = clips["fname"].tolist(), clips["source"].tolist()
        found = [(names[a], folds[a], names[b], sources[b], folds[b]) for a, b in sorted(pairs)]
        return pd.DataFrame(found, columns=["fname", "fold", "same", "same_source", "same_fold"])

    @property
    def labelled(self) -> dict[str, np.ndarray]:
        """Rows by source, those of test clips only if they have labels."""
        test = {"test": self.test} if self.test_is_labelled else {}
        return {"curated": self.curated, "noisy": self.noisy} | test

    @property
    def folded(self) -> FoldedClips:
        """The clips and their folds without the features."""
        return FoldedClips(self.dataset, self.clips, self.folds)

    def statistics(self, rows: np.ndarray) -> tuple[float, float]:
        """(mean, deviation) in dB over all cells of these clips' pictures.

        Raises:
            UserError: all of them are silent.
        """
        sums = self.index.iloc[rows]
        cells = sums["frames"].sum() * sums["frame_values"].iloc[0]
        mean = sums["total"].sum() / cells
        variance = sums["total_of_squares"].sum() / cells - mean**2
        if not variance > SILENT:
            raise UserError(f"All of the {len(rows)} training clips are silent: there is nothing to learn from")
        return float(mean), float(np.sqrt(variance))


def sources_of(recipe: Recipe) -> tuple[str, ...]:
    """Which clips a recipe uses, in the order of a run's rows."""
    return ("curated", "test", "noisy") if recipe.uses_noisy else ("curated", "test")


def fold_clips(dataset: AudioDataset, sources: Sequence[str], assign: Assign) -> FoldedClips:
    """The clips of these sources, and the folds that `assign` gives the curated ones."""
    clips = pd.concat([dataset.of(source) for source in sources], ignore_index=True)
    curated = dataset.of("curated")
    if curated.empty:
        raise UserError(f"{dataset.folder}: no training clip can be read")
    if "noisy" in sources and dataset.of("noisy").empty:
        raise UserError(
            f"{dataset.folder} has no noisy clips, and they are asked for; beyond_curated.gin trains without them"
        )
    targets = dataset.targets(curated)
    folds = assign(curated, targets)
    if mute := set(folds) - set(folds[targets.any(axis=1)]):
        raise UserError(f"Fold {listed(sorted(mute))} has no clip with a label: nothing in it could be judged")
    return FoldedClips(dataset, clips, folds)


def load_run_data(
    recipe: Recipe,
    dataset: AudioDataset,
    cache_dir: str | Path | None,
    sources: Sequence[str] = ("curated", "test"),
    assign: Assign = assign_folds,
) -> RunData:
    """Check every file of these sources, compute what is missing of the features, and assign the folds.

    Raises:
        UserError: files that cannot be read, all of them named, unless the recipe leaves them out.
    """
    fold_clips(dataset, sources, assign)  # what is wrong with them is said before the features are computed
    used = dataset.clips["source"].isin(sources)
    index, bad = load_features(recipe, list(dataset.clips.loc[used, "path"]), cache_dir)
    report_bad(bad, recipe.unreadable)
    folded = fold_clips(dataset.without(set(bad)), sources, assign)
    warn_of_like_names(folded)
    warn_of_scarce(folded)
    warn_of_split_groups(folded)
    clips, targets = folded.clips, folded.dataset.targets(folded.clips)
    index = index.set_index("path", drop=False).loc[clips["path"]].reset_index(drop=True)
    return RunData(folded.dataset, clips, targets, folded.folds, index, clip_source(recipe, index), bad)


def clip_source(recipe: Recipe, index: pd.DataFrame) -> ClipSource:
    """What gives the clips of an index to training."""
    source = cached_pictures if recipe.takes_pictures else Waveforms
    return source(index, recipe.front_end)


def warn_of_like_names(folded: FoldedClips) -> None:
    """Say which classes may be one that is written in two ways."""
    if alike := nearly_alike(folded.dataset.vocabulary):
        warn(f"classes of nearly the same name: {listed(map(' and '.join, alike))}. If they are one, spell it one way")


def warn_of_scarce(folded: FoldedClips) -> None:
    """Say which classes are too scarce for the folds."""
    dataset = folded.dataset
    if scarce := scarce_classes(dataset.targets(dataset.of("curated")), folded.folds, dataset.vocabulary):
        warn(f"classes with fewer clips than folds (clips): {listed(scarce)}")


def warn_of_split_groups(folded: FoldedClips) -> None:
    """Say which groups have clips in several folds, which given folds alone can do."""
    if names := split_groups(folded.dataset.of("curated"), folded.folds):
        warn(
            f"the folds part the clips of {counted(len(names), 'group')} ({listed(names, 3)}): figures out of "
            "fold are too good. Without a column fold or --folds_from, groups stay in one fold"
        )


def warn_of_same_sounds(data: RunData) -> None:
    """Say which clips sound as one that a fold is judged by, where no groups tell what belongs together."""
    same, too_good = data.same_sounds, "Figures out of fold are too good"
    other = "the same name in a column group"
    for noisy, rows in same.groupby(same["same_source"] == "noisy"):
        if noisy:
            pairs = [f"{row.same} and {row.fname} (fold {row.fold})" for row in rows.itertuples()]
            what, remedy = "of a noisy and a curated clip", f"leave out the noisy one, or give them {other}"
        else:
            pairs = [
                f"{row.fname} (fold {row.fold}) and {row.same} (fold {row.same_fold})" for row in rows.itertuples()
            ]
            what, remedy = "of clips in different folds", f"keep one of each, or give them {other}"
        said = f"{counted(len(pairs), 'pair')} {what} sound the same: {listed(pairs, 3)}"
        warn(f"{said}. {too_good}: {remedy}")


def load_features(
    recipe: Recipe, paths: list[str], cache_dir: str | Path | None, add: Add | None = None
) -> tuple[pd.DataFrame, dict[str, str]]:
    """(index, errors) of these files, from the cache or from a scan of the sound files; `add`: as in the cache."""
    if recipe.takes_pictures:
        index, bad = FeatureCache(cache_dir or features_folder(), recipe.front_end).ensure(paths, add)
    else:
        index, bad = scan(paths, recipe.front_end)
    return index.assign(frame_values=recipe.front_end.frame_values), bad


def report_bad(bad: dict[str, str], policy: str) -> None:
    """Stop with the full list of files that cannot be read, or say that they are left out."""
    if not bad:
        return
    names = "; ".join(f"{path} ({error})" for path, error in sorted(bad.items()))
    if policy == "stop":
        raise UserError(
            f"{len(bad)} files cannot be read: {names}. "
            "Mend or remove them, or pass --gin_param=\"Recipe.unreadable='leave_out'\""
        )
    print(f"Left out {len(bad)} files that cannot be read: {names}")


def bad_files_table(bad: dict[str, str]) -> str:
    """bad_files.csv: path and error."""
    rows = [(spelled(path), error) for path, error in sorted(bad.items())]
    return csv_text(pd.DataFrame(rows, columns=["path", "error"]))
