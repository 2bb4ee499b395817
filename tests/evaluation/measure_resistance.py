"""How far runs resist wrong labels that they were trained on.

    python tests/evaluation/measure_resistance.py AUDIT SCORES…

AUDIT has the columns split, fname, given, true, kind of a set whose noise is known; SCORES are of a run for
its noisy clips, by tools/predict.py. Prints for each kind of error the lwlrap against the labels as given, which falls,
and against what is in the clips, which rises, the less of the errors is learnt.
"""

import sys

import numpy as np
import pandas as pd

from fat_tf.data.class_names import split_labels
from fat_tf.metrics import overall_lwlrap
from fat_tf.runs.score_table import read_scores


def figures(audit: pd.DataFrame, file: str) -> list[str]:
    """Of each kind of error: number of its clips, lwlrap by given and by true labels; "-" where none is true."""
    noisy = audit[audit["split"] == "train_noisy"].set_index("fname")
    table = read_scores(file)
    noisy = noisy.loc[list(table.fnames)]
    lines = []
    for kind in ("clean", "flip", "missing", "extra", "oov"):
        of_kind = (noisy["kind"] == kind).to_numpy()
        scores = table.scores[of_kind]
        given, true = (_lwlrap(noisy[name][of_kind], scores, table.vocabulary) for name in ("given", "true"))
        lines.append(f"{file:30} {kind:8} {of_kind.sum():5} {given:>7} {true:>7}")
    return lines


def _lwlrap(labels: pd.Series, scores: np.ndarray, vocabulary: tuple[str, ...]) -> str:
    truth = np.array([[name in names for name in vocabulary] for names in split_labels(labels)])
    return f"{overall_lwlrap(truth, scores):.3f}" if truth.any() else "-"


if __name__ == "__main__":
    print(f"{'scores':30} {'kind':8} {'clips':>5} {'given':>7} {'true':>7}")
    for name in sys.argv[2:]:
        print(*figures(pd.read_csv(sys.argv[1], keep_default_na=False), name), sep="\n")
