"""What an audit finds where the truth is known: `python tests/evaluation/measure_audit.py AUDIT.csv TRUTH.csv`.

AUDIT.csv is written by tools/audit.py; TRUTH.csv has the columns fname and kind, which is "clean" or an error's.
"""

import sys

import pandas as pd

from fat_tf.metrics.ranking import average_precision

SHARES = (0.1, 0.2, 0.3)  # of the noisy clips, the most doubtful ones


def figures(audit: pd.DataFrame, truth: pd.DataFrame) -> str:
    """Average precision, precision of the first shares, and what share of each kind of error the second one holds."""
    noisy = audit[audit["source"] == "noisy"].sort_values("rank")
    kinds = truth.set_index("fname")["kind"].loc[noisy["fname"]].to_numpy()
    wrong = kinds != "clean"
    firsts = [wrong[: round(share * len(wrong))].mean() for share in SHARES]
    found = pd.Series(kinds[: round(SHARES[1] * len(kinds))]).value_counts()
    of_kinds = {kind: found.get(kind, 0) / (kinds == kind).sum() for kind in ("flip", "missing", "extra", "oov")}
    cells = [average_precision(wrong, -noisy["quality"].to_numpy()), *firsts, *of_kinds.values()]
    return " | ".join(f"{cell:.3f}" for cell in cells)


if __name__ == "__main__":
    print(figures(*map(pd.read_csv, sys.argv[1:3])))
