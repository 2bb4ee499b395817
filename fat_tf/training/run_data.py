"""What a run works on: the readable clips of a data set, their features, labels and folds."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fat_tf.data import AudioDataset, assign_folds
from fat_tf.data.builtin import FEATURES
from fat_tf.data.cache import FeatureCache
from fat_tf.data.features import scan
from fat_tf.data.fold_assignment import scarce_classes
from fat_tf.data.sources import ClipSource, Waveforms, cached_pictures
from fat_tf.errors import UserError, listed
from fat_tf.training.recipe import Recipe


@dataclass(frozen=True)
class RunData:
    """Clips as rows of one source.

    dataset: the readable clips. clips: those that the run uses, a row of the source each: curated, test, noisy.
    targets: (clips, classes). folds: (curated clips,). index: features' index, a row a clip. bad: error by path.
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
        """Whether every test clip has a label."""
        return len(self.test) > 0 and bool(self.targets[self.test].any(axis=1).all())

    def statistics(self, rows: np.ndarray) -> tuple[float, float]:
        """(mean, deviation) in dB over all cells of these clips' pictures."""
        sums = self.index.iloc[rows]
        cells = sums["frames"].sum() * sums["frame_values"].iloc[0]
        mean = sums["total"].sum() / cells
        return float(mean), float(np.sqrt(sums["total_of_squares"].sum() / cells - mean**2))


def load_run_data(
    recipe: Recipe, dataset: AudioDataset, cache_dir: str | Path | None, sources: Sequence[str] = ("curated", "test")
) -> RunData:
    """Check every file of these sources, compute what is missing of the features, and assign the folds.

    Raises:
        UserError: files that cannot be read, all of them named, unless the recipe leaves them out.
    """
    used = dataset.clips["source"].isin(sources)
    if "noisy" in sources and dataset.of("noisy").empty:
        raise UserError(f"{dataset.folder} has no noisy clips, and they are asked for")
    index, bad = load_features(recipe, list(dataset.clips.loc[used, "path"]), cache_dir)
    report_bad(bad, recipe.unreadable)
    dataset = dataset.without(set(bad))
    curated = dataset.of("curated")
    if curated.empty:
        raise UserError(f"{dataset.folder}: no training clip can be read")
    clips = pd.concat([dataset.of(source) for source in sources], ignore_index=True)
    index = index.set_index("path", drop=False).loc[clips["path"]].reset_index(drop=True)
    source = cached_pictures if recipe.features == "cached" else Waveforms
    folds = _folds(dataset, curated)
    return RunData(dataset, clips, dataset.targets(clips), folds, index, source(index, recipe.front_end), bad)


def _folds(dataset: AudioDataset, curated: pd.DataFrame) -> np.ndarray:
    """Folds of the curated clips; says which classes are too scarce for them."""
    targets = dataset.targets(curated)
    folds = assign_folds(curated, targets)
    if scarce := scarce_classes(targets, folds, dataset.vocabulary):
        print(f"Warning: classes with fewer clips than folds (clips): {listed(scarce)}")
    return folds


def load_features(
    recipe: Recipe, paths: list[str], cache_dir: str | Path | None
) -> tuple[pd.DataFrame, dict[str, str]]:
    """(index, errors) of these files, from the cache or from a scan of the sound files."""
    if recipe.features == "cached":
        index, bad = FeatureCache(cache_dir or FEATURES, recipe.front_end).ensure(paths)
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
    return pd.DataFrame(sorted(bad.items()), columns=["path", "error"]).to_csv(index=False)
