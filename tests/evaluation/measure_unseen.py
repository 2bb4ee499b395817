"""What recipes are worth on noisy clips of known truth, of recordings none of which their runs were trained on.

    python tests/evaluation/measure_unseen.py DATA 2019,2020,2021 RUNS/first RUNS/second …

DATA has audit.csv (split, fname, true, sources) and train_noisy.csv (fname, group). The runs are RUNS/first_2019, …:
fold 0, trained on curated clips, or on these and chosen noisy ones; each has the scores of all noisy clips in
noisy.csv, by

    python tools/predict.py --run_dir=RUN --audio=DATA/train_noisy.csv --output=RUN/noisy.csv

Prints lwlrap of each seed, and the difference to the first with its 95 % interval over recordings and seeds; then the
same for the clips in which no recording of a chosen clip is heard.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fat_tf.data.class_names import split_labels
from fat_tf.metrics import with_interval
from fat_tf.metrics.bootstrap import interval_of_ratio
from fat_tf.metrics.lwlrap import clip_precision
from fat_tf.runs.score_table import read_scores


def precisions(run: str, truth: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Summed precision (clips,) and number of labels (clips,) of the clips that `truth` has, in its order."""
    table = read_scores(Path(run) / "noisy.csv")
    scores = table.ordered(tuple(truth.index), table.vocabulary).scores
    targets = np.array([[name in cell for name in table.vocabulary] for cell in split_labels(truth)])
    return clip_precision(targets, scores)


def recordings_of(sources: str) -> set[str]:
    """Recordings that a clip was cut and mixed from, of names like a/123-0-1.wav;b/456-2-0.wav."""
    return {Path(source).name.split("-")[0] for source in sources.split(";")}


def unseen(data: str, runs: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """Noisy clips, by name, of groups that these runs have not chosen from, and the groups' numbers.

    Columns are those of the audit, and `is_new`: no sound in the clip is of a recording that is in a chosen clip. A
    group names the first of the sounds that were mixed.
    """
    audit = pd.read_csv(Path(data) / "audit.csv", keep_default_na=False).set_index("fname")
    audit = audit[audit["split"] == "train_noisy"]
    groups = pd.read_csv(Path(data) / "train_noisy.csv", dtype=str).set_index("fname")["group"].loc[audit.index]
    tables = [pd.read_csv(file) for run in runs if (file := Path(run) / "noisy_0.csv").exists()]
    chosen = sorted({name for table in tables for name in table.loc[table["chosen"], "fname"]})
    kept = (audit["true"] != "") & ~groups.isin(groups.loc[chosen])
    known = set().union(*audit.loc[chosen, "sources"].map(recordings_of))
    is_new = [not recordings_of(sources) & known for sources in audit.loc[kept, "sources"]]
    return audit[kept].assign(is_new=is_new), pd.factorize(groups[kept])[0]


def compare(names: Sequence[str], runs: list[list[str]], truth: pd.Series, recordings: np.ndarray) -> None:
    """Print what each recipe's runs, one a seed, are worth, and the difference to the first."""
    print(f"{len(truth)} clips of {len(set(recordings))} recordings; differences over recordings and seeds")
    found = [[precisions(run, truth) for run in of_one] for of_one in runs]
    labels = found[0][0][1]
    first, *_ = sums = [np.stack([values for values, _ in of_one]) for of_one in found]
    for name, values in zip(names, sums, strict=True):
        gain = values - first
        interval = interval_of_ratio(gain, labels, recordings)
        seeds_of_one = " ".join(f"{of_seed.sum() / labels.sum():.3f}" for of_seed in values)
        print(f"{name} {seeds_of_one}, minus {names[0]} {with_interval(gain.sum(1).mean() / labels.sum(), interval)}")


def main(data: str, seeds: str, *names: str) -> None:
    runs = [[f"{name}_{seed}" for seed in seeds.split(",")] for name in names]
    clips, recordings = unseen(data, [run for of_one in runs for run in of_one])
    compare(names, runs, clips["true"], recordings)
    print("Of these, without a sound of a recording that a run chose a clip of:")
    compare(names, runs, clips["true"][clips["is_new"]], recordings[clips["is_new"]])


if __name__ == "__main__":
    main(*sys.argv[1:])
