"""Corrects the noisy clips that an audit doubts most as one who knows the truth would, into a CSV for --corrections.

    python tests/evaluation/simulated_listener.py AUDIT.csv TRUTH.csv 0.2 fixed.csv
    python tests/evaluation/simulated_listener.py AUDIT.csv TRUTH.csv 0.2 fixed.csv --random

TRUTH.csv has the columns fname and true: labels, none of a clip that is dropped since it is none of the classes.
"""

import sys

import pandas as pd


def corrections(audit: pd.DataFrame, truth: pd.DataFrame, share: float, by_chance: bool) -> pd.DataFrame:
    """fname, labels, source, action of a share of the noisy clips: the most doubtful ones, or any."""
    noisy = audit[audit["source"] == "noisy"].sort_values("rank")
    heard = noisy.sample(frac=share, random_state=2019) if by_chance else noisy.head(round(share * len(noisy)))
    labels = truth.set_index("fname")["true"].loc[heard["fname"]].to_numpy()
    action = ["fix" if cell else "drop" for cell in labels]
    return pd.DataFrame({"fname": heard["fname"], "labels": labels, "source": "noisy", "action": action})


if __name__ == "__main__":
    audit, truth = (pd.read_csv(file, keep_default_na=False) for file in sys.argv[1:3])
    made = corrections(audit, truth, float(sys.argv[3]), "--random" in sys.argv)
    made.to_csv(sys.argv[4], index=False)
