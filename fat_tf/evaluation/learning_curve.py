"""What more training clips are worth: a power law through the runs of a learning curve."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fat_tf.evaluation.truth import labels_of_run, read_truth
from fat_tf.metrics.bootstrap import Bootstrap
from fat_tf.metrics.lwlrap import clip_precision
from fat_tf.runs.score_table import OUT_OF_FOLD, TEST, read_scores
from fat_tf.training.learning_curve import CurvePoint

BLOCK = 100  # bootstrap resamplings that are held at once
DRAWN = 20  # places of the line that are drawn, as far as all clips, and as many as far as twice as many


@dataclass(frozen=True)
class JudgedPoints:
    """The runs of a curve on the clips that all of them are judged by.

    shares: of the training clips. clips (shares, draws): training clips of a fold. precision (shares, draws, judged):
    sum of the precision at each label of a clip, or of a group of clips, which are resampled whole. labels (judged,):
    their number. on: which clips, in words.
    """

    shares: Sequence[float]
    clips: np.ndarray
    precision: np.ndarray
    labels: np.ndarray
    on: str

    @property
    def lwlrap(self) -> np.ndarray:
        """(shares, draws)."""
        return self.precision.sum(axis=-1) / self.labels.sum()


@dataclass(frozen=True)
class CurveFigures:
    """What a learning curve says; pairs are 95 % bootstrap intervals over clips, or groups of them, and draws.

    table: share, clips (mean of the draws), lwlrap (mean), low, high. exponent: of the power law. now, doubled: lwlrap
    by it for all clips there are, and for twice as many; gain: their difference. line: clips, lwlrap, low, high.
    """

    table: pd.DataFrame
    clips: float
    exponent: float
    now: float
    doubled: float
    gain: float
    gain_ci95: tuple[float, float]
    line: pd.DataFrame
    on: str


def judge_points(points: Sequence[CurvePoint]) -> JudgedPoints:
    """Read the scores of all runs of a curve.

    Returns:
        Points on the test clips if their labels are known, else on the clips out of fold.

    Raises:
        UserError: a run without scores, or damaged ones.
    """
    first, shape = points[0].folder, (len(shares_of(points)), points[-1].draw)
    part = TEST if len(labels_of_run(first, TEST).rows) else OUT_OF_FOLD
    labels, table = labels_of_run(first, part), read_scores(first / part)
    truth = read_truth(labels, table)[1]
    clips, precision = np.zeros(shape), np.zeros((*shape, len(truth.fnames)))
    for point in points:
        place = shares_of(points).index(point.share), point.draw - 1
        scores = read_scores(point.folder / part).ordered(truth.fnames, table.vocabulary).scores
        clips[place], precision[place] = point.clips, clip_precision(truth.targets, scores)[0]
    on = f"{len(truth.fnames)} {'test clips' if part == TEST else 'clips out of fold'}"
    labels = truth.targets.sum(axis=1)
    if truth.groups is not None:
        precision, labels = (_in_groups(of_clips, truth.groups) for of_clips in (precision, labels))
    return JudgedPoints(shares_of(points), clips, precision, labels, on)


def _in_groups(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Values (..., clips) summed over the clips of each group, (..., groups)."""
    names, places = np.unique(groups, return_inverse=True)
    sums = np.zeros((*values.shape[:-1], len(names)))
    np.add.at(sums, (..., places), values)
    return sums


def shares_of(points: Sequence[CurvePoint]) -> list[float]:
    """The shares of a curve, the smallest first."""
    return sorted({point.share for point in points})


def curve_figures(points: JudgedPoints, all_clips: float, bootstrap: Bootstrap | None = None) -> CurveFigures:
    """Fit the curve, and say how far it would move with other clips and draws.

    The error, 1 - lwlrap, of n training clips is taken as a power law a n^-b (Hestness et al., 2017; the shape most
    often found by Viering and Loog, 2022), a straight line in logarithms, by least squares over all runs. An error that
    no number of clips undercuts, + c (Cortes et al., 1994), would need more points than a person has the time to
    train; where there is one, the gain is less than this says.

    The intervals are percentiles of resamplings of what is judged, the same for all runs, and of the draws, which go
    through all shares together, as they are parts of one another. Few draws vary less than many would.

    Args:
        points: the runs.
        all_clips: training clips that there are.
        bootstrap: None: the configuration's.
    """
    grid = np.append(np.geomspace(points.clips.min(), all_clips, DRAWN), np.geomspace(all_clips, 2 * all_clips, DRAWN))
    at = np.append(grid, [all_clips, 2 * all_clips])
    floor = 0.5 / points.labels.sum()  # half a label: no error at all has no logarithm
    fitted, slope = _power_law(points.clips.ravel(), np.maximum(1 - points.lwlrap.ravel(), floor), at)
    values, lines = _resampled(points, at, floor, bootstrap or Bootstrap())
    low, high = np.percentile(values.mean(axis=-1), [2.5, 97.5], axis=0)
    means = {"clips": points.clips.mean(axis=1), "lwlrap": points.lwlrap.mean(axis=1)}
    table = pd.DataFrame({"share": points.shares, **means, "low": low, "high": high})
    bands = np.percentile(lines[:, :-2], [2.5, 97.5], axis=0)
    gains = np.percentile(lines[:, -1] - lines[:, -2], [2.5, 97.5])
    line = pd.DataFrame({"clips": grid, "lwlrap": 1 - fitted[:-2], "low": bands[0], "high": bands[1]})
    now, doubled = 1 - fitted[-2:]
    interval = float(gains[0]), float(gains[1])
    return CurveFigures(
        table, all_clips, -float(slope), float(now), float(doubled), float(doubled - now), interval, line, points.on
    )


def _power_law(clips: np.ndarray, errors: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(errors (..., at), exponents (...)) of least squares through the logarithms of clips and errors (..., points)."""
    x, y = np.log(clips), np.log(errors)
    apart = x - x.mean(axis=-1, keepdims=True)
    slope = (apart * y).sum(axis=-1) / np.square(apart).sum(axis=-1)
    middle = y.mean(axis=-1) - slope * x.mean(axis=-1)
    return np.exp(middle[..., None] + slope[..., None] * np.log(at)), slope


def _resampled(
    points: JudgedPoints, at: np.ndarray, floor: float, bootstrap: Bootstrap
) -> tuple[np.ndarray, np.ndarray]:
    """(lwlrap (rounds, shares, draws), fitted lwlrap (rounds, at)) of resampled clips and draws."""
    shares, draws, judged = points.precision.shape
    rng, values, lines = np.random.default_rng(bootstrap.seed), [], []
    for done in range(0, bootstrap.rounds, BLOCK):
        size = min(BLOCK, bootstrap.rounds - done)
        picks = rng.multinomial(judged, np.full(judged, 1 / judged), size)
        lwlrap = np.tensordot(picks, points.precision, (1, 2)) / np.maximum(picks @ points.labels, 1)[:, None, None]
        of_draws = rng.integers(0, draws, (size, 1, draws)).repeat(shares, axis=1)
        values.append(np.take_along_axis(lwlrap, of_draws, axis=2))
        clips = np.take_along_axis(points.clips[None].repeat(size, axis=0), of_draws, axis=2)
        errors = np.maximum(1 - values[-1], floor)
        lines.append(1 - _power_law(clips.reshape(size, -1), errors.reshape(size, -1), at)[0])
    return np.concatenate(values), np.concatenate(lines)
