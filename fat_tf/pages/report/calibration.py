"""Whether scores are probabilities: how often a class is a label where its score is so high."""

import numpy as np
from matplotlib.figure import Figure

from fat_tf.figures import BLUE
from fat_tf.metrics.blocks import blocks
from fat_tf.pages.chart import INK, NARROW, Chart, chart

BINS = 10
COLUMNS = ("score from", "to", "scores", "mean score", "share that are labels")


def bins(truth: np.ndarray, scores: np.ndarray) -> list[tuple[float, float, int, float, float]]:
    """Rows of COLUMNS over all clips and classes, in bins of equal width that have scores.

    Args:
        truth, scores: (clips, classes); scores are probabilities.
    """
    edges = np.linspace(0, 1, BINS + 1)
    counts, means, shares = np.zeros(BINS, int), np.zeros(BINS), np.zeros(BINS)
    for truth_of, scores_of in blocks(truth, scores):
        place = np.minimum((scores_of * BINS).astype(int), BINS - 1)
        counts += np.bincount(place.ravel(), minlength=BINS)
        shares += np.bincount(place[truth_of > 0], minlength=BINS)
        np.add.at(means, place, scores_of)  # one after the other, wherever blocks end
    means, shares = means / np.maximum(counts, 1), shares / np.maximum(counts, 1)
    rows = zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), means.tolist(), shares.tolist(), strict=True)
    return [row for row in rows if row[2]]


def expected_error(rows: list[tuple[float, float, int, float, float]]) -> float:
    """Expected calibration error (Naeini et al., 2015): mean distance of share and mean score, weighted by scores."""
    counts, means, shares = (np.array(column) for column in list(zip(*rows, strict=True))[2:])
    return float((np.abs(means - shares) * counts).sum() / counts.sum())


def calibration_chart(rows: list[tuple[float, float, int, float, float]]) -> Chart:
    """Share of labels by score; on the diagonal, scores are probabilities."""

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot(xlabel="score", ylabel="share that are labels", xlim=(0, 1), ylim=(0, 1))
        axes.plot([0, 1], [0, 1], color=INK, lw=0.8, ls=":")
        axes.plot([row[3] for row in rows], [row[4] for row in rows], "o-", color=BLUE)
        axes.set_aspect("equal", adjustable="box", anchor="C" if figure.get_figwidth() <= NARROW else "W")
        axes.grid(lw=0.4)

    shown = [[f"{low:.1f}", f"{high:.1f}", n, f"{mean:.3f}", f"{share:.3f}"] for low, high, n, mean, share in rows]
    return chart(draw, "Calibration: share of labels by score", COLUMNS, shown, 3.4)
