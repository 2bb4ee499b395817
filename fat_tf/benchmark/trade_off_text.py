"""lwlrap against speed and size for people: a table, a picture, and a CSV for programs."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from fat_tf.data.csv_text import csv_text
from fat_tf.errors import counted
from fat_tf.export.litert_scorer import BATCH
from fat_tf.figures import FONT, GREY, blank, save_png, shortened
from fat_tf.files import write_text, written_whole
from fat_tf.metrics import with_interval
from fat_tf.models.device import describe_device
from fat_tf.terminal import Column, fitting, printable, table, wrapped

MARKERS = {"float32": "o", "bfloat16": "s", "int8": "^"}
NAME = 16  # letters of a run's name in a heading and in the picture, if that tells the runs apart
PICTURE = "trade_off.png"


def trade_off_lines(rows: pd.DataFrame, judged_by: str, width: int) -> list[str]:
    """What each run is, and a row a run and precision.

    Args:
        rows: of `trade_off`.
        judged_by: the clips in words.
        width: columns of a line.
    """
    first = printable(short_names(rows["run"])[rows["run"][0]])
    legend = (
        f"lwlrap of {judged_by} [95 % bootstrap interval]; minus {first} in {rows['precision'][0]}, paired clip by "
        f"clip; clips/s of one window, from picture to scores, batches of {BATCH}, in turns on {describe_device()}, "
        f"times as fast as {first}; MB of the network alone; int8 with one thread or one a core, whichever is faster"
    )
    return [
        *(line for text in [*_runs(rows), legend] for line in wrapped(text, width, "  ")),
        *_table(rows, first, width),
    ]


def _runs(rows: pd.DataFrame) -> Iterator[str]:
    for name, of_run in rows.groupby("run", sort=False):
        one, litert = of_run.iloc[0], of_run["litert_megabytes"].max()
        file = "" if pd.isna(litert) else f", {litert:.1f} MB as a LiteRT file that takes sound"
        window = f"windows of {one.window_seconds:g} s"
        yield f"{printable(name)}: fold {one.fold}, {counted(f'{one.parameters:,}', 'parameter')}, {window}{file}"


def _table(rows: pd.DataFrame, first: str, width: int) -> list[str]:
    of = list(rows.itertuples())
    minus = ["", *(with_interval(row.difference, (row.difference_low, row.difference_high)) for row in of[1:])]
    columns = [
        Column("run", [printable(row.run) for row in of]),
        Column("precision", [row.precision for row in of]),
        Column("lwlrap", [with_interval(row.lwlrap, (row.lwlrap_low, row.lwlrap_high)) for row in of]),
        Column("clips/s", [_rounded(row.clips_per_second) for row in of], right=True),
        Column("times", [_rounded(row.times_as_fast) for row in of], right=True),
        Column("MB", [f"{row.megabytes:.2f}" for row in of], right=True),
        Column(f"minus {first}", minus, right=True),
    ]
    return table(fitting(columns, width))


def _rounded(number: float) -> str:
    """Three digits."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def write_trade_off(folder: Path, rows: pd.DataFrame, judged_by: str) -> Path:
    """Write trade_off.csv, .png and .svg; returns the picture.

    Raises:
        UserError: they cannot be written.
    """
    write_text(folder / "trade_off.csv", csv_text(rows))
    figure = trade_off_picture(rows, judged_by)
    with written_whole(folder / "trade_off.svg") as unfinished:
        figure.savefig(unfinished, format="svg", metadata={"Date": None})
    with written_whole(folder / PICTURE) as unfinished:
        save_png(figure, unfinished)
    return folder / PICTURE


def short_names(runs: Iterable[str]) -> dict[str, str]:
    """What each run is called where there is little room: its name as short as tells them apart."""
    runs = list(dict.fromkeys(runs))
    longest = max(NAME, *map(len, runs))
    shorter = ({run: shortened(run, letters) for run in runs} for letters in range(NAME, longest + 1))
    return next(names for names in shorter if len(set(names.values())) == len(runs))


def trade_off_picture(rows: pd.DataFrame, judged_by: str) -> Figure:
    """lwlrap with its interval over clips/s: a colour a run, a marker a precision, each point with its megabytes."""
    figure = blank(9, 5)
    axes = figure.add_subplot(xlabel="clips/s of one window, from picture to scores", ylabel=f"lwlrap of {judged_by}")
    axes.set_xscale("log")
    axes.margins(0.08, 0.12)
    order = {place: number for number, place in enumerate(rows["clips_per_second"].sort_values().index)}
    names = short_names(rows["run"])
    for number, (name, of_run) in enumerate(rows.groupby("run", sort=False)):
        colour = f"C{number}"
        label = names[name] if names[name][0] != "_" else f" {names[name]}"  # Matplotlib leaves out those with _
        axes.plot(of_run["clips_per_second"], of_run["lwlrap"], color=colour, lw=1, alpha=0.6, label=label)
        for row in of_run.itertuples():
            _draw_point(axes, row, colour, above=order[row.Index] % 2 == 0)
    for precision in rows["precision"].unique():
        axes.plot([], [], MARKERS[precision], color=GREY, label=precision)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(alpha=0.25)
    for text in figure.legend(frameon=False, fontsize=FONT, loc="outside right upper").get_texts():
        text.set_parse_math(False)
    return figure


def _draw_point(axes: Axes, row: tuple, colour: str, above: bool) -> None:
    """A point, its size above or below its interval: neighbours have theirs on the other side."""
    spread = [[max(0, row.lwlrap - row.lwlrap_low)], [max(0, row.lwlrap_high - row.lwlrap)]]  # rounded another way
    axes.errorbar([row.clips_per_second], [row.lwlrap], spread, fmt=MARKERS[row.precision], color=colour, capsize=3)
    axes.annotate(
        f"{row.megabytes:.2g} MB",
        (row.clips_per_second, row.lwlrap_high if above else row.lwlrap_low),
        (0, 3 if above else -3),
        textcoords="offset points",
        ha="center",
        va="bottom" if above else "top",
        fontsize=FONT - 1,
        color=colour,
        path_effects=[withStroke(linewidth=2, foreground="white")],
    )
