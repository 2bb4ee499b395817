"""What recipes are worth over recordings: of the test clips, and of noisy clips that their runs were not trained on.

    python tests/evaluation/measure_unseen.py DATA 2019,2020,2021 RUNS/first RUNS/second …

DATA has audit.csv (split, fname, true, sources). The runs are RUNS/first_2019, …:
fold 0, trained on curated clips, or on these and chosen noisy ones (one that was trained on all noisy clips belongs
elsewhere). Each has the scores of all noisy clips in noisy.csv, by

    python tools/predict.py --run_dir=RUN --audio=DATA/train_noisy.csv --output=RUN/noisy.csv

Prints lwlrap of each seed, and the difference to the first with its 95 % interval over recordings and seeds: of the
test clips; of the noisy clips of recordings that none of all these runs has chosen a clip of; of those of them in which
no recording of a chosen clip is heard, which are as new to the runs as the test clips are; of these and the test clips
together. A mixture is of the recording of its first sound.
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


def precisions(run: str, clips: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Summed precision (clips,) and number of labels (clips,) of a run's scores; clips have columns true and file."""
    found = []
    for file, part in clips.groupby("file", sort=False):
        table = read_scores(Path(run) / file)
        targets = np.array([[name in cell for name in table.vocabulary] for cell in split_labels(part["true"])])
        found.append(clip_precision(targets, table.ordered(tuple(part.index), table.vocabulary).scores))
    values, labels = zip(*found, strict=True)
    return np.concatenate(values), np.concatenate(labels)


def recording_of(source: str) -> str:
    """The recording that a sound was cut from, by its name, like a/123-0-1.wav."""
    return Path(source).name.split("-")[0]


def recordings_of(sources: str) -> set[str]:
    """Recordings that a clip was mixed from, by names like a/123-0-1.wav;b/456-2-0.wav."""
    return set(map(recording_of, sources.split(";")))


def audited(data: str, split: str, file: str) -> pd.DataFrame:
    """The clips of a part of the audit by name: true, sources, `recording` of the first of these, `file` of scores."""
    audit = pd.read_csv(Path(data) / "audit.csv", keep_default_na=False).set_index("fname")
    audit = audit[audit["split"] == split]
    first = audit["sources"].map(lambda sources: recording_of(sources.split(";")[0]))
    return audit.assign(recording=first, file=file)


def unseen(noisy: pd.DataFrame, runs: list[str]) -> pd.DataFrame:
    """Noisy clips of recordings that these runs have not chosen from.

    `is_new`: no sound in the clip is of a recording that is in a chosen clip.
    """
    tables = [pd.read_csv(file) for run in runs if (file := Path(run) / "noisy_0.csv").exists()]
    chosen = noisy.loc[sorted({name for table in tables for name in table.loc[table["chosen"], "fname"]})]
    known = set().union(*chosen["sources"].map(recordings_of))
    kept = noisy[(noisy["true"] != "") & ~noisy["recording"].isin(chosen["recording"])]
    return kept.assign(is_new=[not recordings_of(sources) & known for sources in kept["sources"]])


def compare(what: str, names: Sequence[str], runs: list[list[str]], clips: pd.DataFrame) -> None:
    """Print what each recipe's runs, one a seed, are worth, and the difference to the first."""
    recordings = pd.factorize(clips["recording"])[0]
    print(f"{what}: {len(clips)} of {len(set(recordings))} recordings; differences over recordings and seeds")
    found = [[precisions(run, clips) for run in of_one] for of_one in runs]
    labels = found[0][0][1]
    first, *_ = sums = [np.stack([values for values, _ in of_one]) for of_one in found]
    for name, values in zip(names, sums, strict=True):
        gain = values - first
        interval = interval_of_ratio(gain, labels, recordings)
        seeds_of_one = " ".join(f"{of_seed.sum() / labels.sum():.3f}" for of_seed in values)
        print(f"{name} {seeds_of_one}, minus {names[0]} {with_interval(gain.sum(1).mean() / labels.sum(), interval)}")


def main(data: str, seeds: str, *names: str) -> None:
    runs = [[f"{name}_{seed}" for seed in seeds.split(",")] for name in names]
    test = audited(data, "test", TEST)
    noisy = unseen(audited(data, "train_noisy", "noisy.csv"), [run for of_one in runs for run in of_one])
    compare("Test clips", names, runs, test)
    compare("Noisy clips of recordings that no run chose a clip of", names, runs, noisy)
    compare("Of these, without a sound of a recording that a run chose a clip of", names, runs, noisy[noisy["is_new"]])
    compare("Test clips and the latter together", names, runs, pd.concat([test, noisy[noisy["is_new"]]]))


if __name__ == "__main__":
    main(*sys.argv[1:])
