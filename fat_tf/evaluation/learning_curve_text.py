"""A learning curve for people: a table, an answer, a picture, and files for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from fat_tf.data.csv_text import csv_text
from fat_tf.evaluation.learning_curve import DRAWN, CurveFigures, JudgedPoints
from fat_tf.figures import BLUE, FONT, GREY, ORANGE, blank, save_png
from fat_tf.files import write_text, written_whole
from fat_tf.metrics import with_interval
from fat_tf.terminal import Column, table
from fat_tf.training.learning_curve import CurvePoint


def curve_lines(figures: CurveFigures, draws: int, worth: float) -> list[str]:
    """A row a share, what twice as many clips would gain, and whether to label more."""
    rows = list(figures.table.itertuples())
    return [
        f"lwlrap of {figures.on}; [95 % bootstrap intervals over clips and draws]",
        *table([
            Column("share", [f"{row.share:g}" for row in rows], right=True),
            Column("training clips", [f"{row.clips:.0f}" for row in rows], right=True),
            Column(f"lwlrap, mean of {draws}", [with_interval(row.lwlrap, (row.low, row.high)) for row in rows]),
        ]),
        f"Power law: error {1 - figures.now:.3f} with all {figures.clips:.0f} training clips, times "
        f"{2**-figures.exponent:.3f} for twice as many",
        "",
        answer(figures, worth),
    ]  # fmt: skip


def answer(figures: CurveFigures, worth: float) -> str:
    """Should I label more? `worth`: the lwlrap that it must gain."""
    low, high = figures.gain_ci95
    gain = f"Twice as many training clips would gain {with_interval(figures.gain, (low, high))} lwlrap"
    if low >= worth:
        return f"Label more: {gain[0].lower()}{gain[1:]}, as far as the curve goes on as it is."
    if high < worth:
        return f"More labels hardly pay: {gain[0].lower()}{gain[1:]}, less than {worth:g}."
    return (
        f"The curve does not tell yet: {gain[0].lower()}{gain[1:]}; {worth:g} is what it should gain. More draws "
        "(LearningCurve.draws), folds or judged clips would tell."
    )


def write_curve(
    folder: Path, points: Sequence[CurvePoint], judged: JudgedPoints, figures: CurveFigures, worth: float
) -> Path:
    """Write learning_curve.csv (a row a run), .json and .png; returns the picture.

    Args:
        folder: of the curve.
        points: its runs.
        judged: the same, with what they are worth.
        figures: of `curve_figures`.
        worth: see `answer`.
    """
    runs = pd.DataFrame([(point.share, point.draw, point.clips, point.folder.name) for point in points])
    runs.columns = ["share", "draw", "clips", "run"]
    runs["lwlrap"] = [judged.lwlrap[judged.shares.index(point.share), point.draw - 1] for point in points]
    write_text(folder / "learning_curve.csv", csv_text(runs))
    write_text(folder / "learning_curve.json", json.dumps(_as_data(figures, worth), indent=1) + "\n")
    picture = folder / "learning_curve.png"
    with written_whole(picture) as unfinished:
        save_png(curve_picture(judged, figures), unfinished)
    return picture


def _as_data(figures: CurveFigures, worth: float) -> Mapping[str, object]:
    tables = {name: getattr(figures, name).to_dict("records") for name in ("table", "line")}
    return asdict(figures) | tables | {"answer": answer(figures, worth)}


def curve_picture(judged: JudgedPoints, figures: CurveFigures) -> Figure:
    """lwlrap over training clips: every run, means with intervals, the power law as far as twice as many clips."""
    figure, line, means = blank(7, 4.2), figures.line, figures.table
    axes = figure.add_subplot(xlabel="training clips of a fold", ylabel=f"lwlrap of {figures.on}", xscale="log")
    axes.fill_between(line["clips"], line["low"], line["high"], color=BLUE, alpha=0.15, lw=0, label="95 % interval")
    for part, how in ((line[:DRAWN], {"label": "power law"}), (line[DRAWN:], {"ls": "--"})):
        axes.plot(part["clips"], part["lwlrap"], color=BLUE, **how)
    axes.plot(judged.clips.ravel(), judged.lwlrap.ravel(), "o", color=GREY, ms=4, alpha=0.7, label="runs")
    spread = np.abs(means[["low", "high"]].to_numpy().T - means["lwlrap"].to_numpy())
    axes.errorbar(means["clips"], means["lwlrap"], spread, fmt="o", color=ORANGE, capsize=3, label="means of the draws")
    axes.axvline(figures.clips, color=GREY, lw=0.8, ls=":")
    twice = with_interval(figures.gain, figures.gain_ci95)
    axes.set_title(f"Twice as many training clips: lwlrap {'+' * (figures.gain >= 0)}{twice}", fontsize=FONT + 1)
    ticks = [*means["clips"], 2 * figures.clips]
    axes.set_xticks(ticks, [f"{tick:.0f}" for tick in ticks])
    axes.minorticks_off()
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, fontsize=FONT, loc="lower right")
    return figure
