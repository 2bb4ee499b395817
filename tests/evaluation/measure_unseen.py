"""What two recipes are worth on noisy clips of known truth, of recordings none of which their runs were trained on.

    python tests/evaluation/measure_unseen.py DATA RUNS/first RUNS/second 2019,2020,2021

DATA has audit.csv (split, fname, true) and train_noisy.csv (fname, group). The runs are RUNS/first_2019, …: fold 0,
trained on curated clips, or on these and chosen noisy ones; each has the scores of all noisy clips in noisy.csv, by

    python tools/predict.py --run_dir=RUN --audio=DATA/train_noisy.csv --output=RUN/noisy.csv

Prints lwlrap of each seed, and the difference with its 95 % interval over clips and seeds, and over recordings and
seeds.
"""

import sys
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


def main(data: str, first: str, second: str, seeds: str) -> None:
    runs = [[f"{name}_{seed}" for seed in seeds.split(",")] for name in (first, second)]
    audit = pd.read_csv(Path(data) / "audit.csv", keep_default_na=False)
    truth = audit[audit["split"] == "train_noisy"].set_index("fname")["true"]
    files = [Path(run) / "noisy_0.csv" for of_one in runs for run in of_one]
    chosen = pd.concat(pd.read_csv(file) for file in files if file.exists())
    groups = pd.read_csv(Path(data) / "train_noisy.csv", dtype=str).set_index("fname")["group"].loc[truth.index]
    seen = groups.loc[chosen.loc[chosen["chosen"], "fname"]]
    truth = truth[(truth != "") & ~groups.isin(seen)]
    groups = groups.loc[truth.index]
    found = [[precisions(run, truth) for run in of_one] for of_one in runs]
    labels = found[0][0][1]
    print(f"{len(truth)} clips of {groups.nunique()} recordings")
    for name, of_one in zip((first, second), found, strict=True):
        print(name, *(f"{values.sum() / labels.sum():.3f}" for values, _ in of_one))
    gain = np.stack([b - a for (a, _), (b, _) in zip(*found, strict=True)])
    for over, numbers in (("clips", None), ("recordings", pd.factorize(groups)[0])):
        interval = interval_of_ratio(gain, labels, 2000, 2019, numbers)
        print(f"difference: {with_interval(gain.sum(axis=1).mean() / labels.sum(), interval)} over {over} and seeds")


if __name__ == "__main__":
    main(*sys.argv[1:])
