"""What recipes are worth over recordings: of the test clips, and of noisy clips that their runs were not trained on.

    python tests/evaluation/measure_unseen.py DATA 2019,2020,2021 RUNS/first RUNS/second …

DATA has audit.csv (split, fname, true, sources) and train_noisy.csv (fname, group). The runs are RUNS/first_2019, …:
fold 0, trained on curated clips, or on these and chosen noisy ones (one that was trained on all noisy clips belongs
elsewhere). Each has the scores of all noisy clips in noisy.csv, by

    python tools/predict.py --run_dir=RUN --audio=DATA/train_noisy.csv --output=RUN/noisy.csv

Prints lwlrap of each seed, and the difference to the first with its 95 % interval over recordings and seeds: of the
test clips; of the noisy clips of recordings that none of all these runs has chosen a clip of; of those of them in which
no recording of a chosen clip is heard.
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
from fat_tf.runs.score_table import TEST, read_scores


def precisions(scored: Path, truth: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Summed precision (clips,) and number of labels (clips,) of the clips that `truth` has, in its order."""
    table = read_scores(scored)
    scores = table.ordered(tuple(truth.index), table.vocabulary).scores
    targets = np.array([[name in cell for name in table.vocabulary] for cell in split_labels(truth)])
    return clip_precision(targets, scores)


def recording_of(source: str) -> str:
    """The recording that a sound was cut from, by its name, like a/123-0-1.wav."""
    return Path(source).name.split("-")[0]


def recordings_of(sources: str) -> set[str]:
    """Recordings that a clip was mixed from, by names like a/123-0-1.wav;b/456-2-0.wav."""
    return set(map(recording_of, sources.split(";")))


def test_clips(data: str) -> tuple[pd.Series, np.ndarray]:
    """What is in each test clip, by name, and the number of its recording, that of the first sound in a mixture."""
    audit = pd.read_csv(Path(data) / "audit.csv", keep_default_na=False).set_index("fname")
    audit = audit[(audit["split"] == "test") & (audit["true"] != "")]
    recordings = audit["sources"].map(lambda sources: recording_of(sources.split(";")[0]))
    return audit["true"], pd.factorize(recordings)[0]


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


def compare(names: Sequence[str], runs: list[list[Path]], truth: pd.Series, recordings: np.ndarray) -> None:
    """Print what each recipe's score files, one a seed, are worth, and the difference to the first."""
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
    of_test, of_noisy = ([[Path(run) / file for run in of_one] for of_one in runs] for file in (TEST, "noisy.csv"))
    print("Test clips")
    compare(names, of_test, *test_clips(data))
    clips, recordings = unseen(data, [run for of_one in runs for run in of_one])
    print("Noisy clips of recordings that no run chose a clip of")
    compare(names, of_noisy, clips["true"], recordings)
    print("Of these, without a sound of a recording that a run chose a clip of")
    compare(names, of_noisy, clips["true"][clips["is_new"]], recordings[clips["is_new"]])


if __name__ == "__main__":
    main(*sys.argv[1:])
