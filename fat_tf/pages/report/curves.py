"""How training went: loss and lwlrap of each epoch, of all folds and stages."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fat_tf.figures import BLUE, ORANGE
from fat_tf.pages.chart import NARROW, RULE, Chart, chart, legend

COLUMNS = ("fold", "stage", "epoch", "lr", "loss", "val_loss", "lwlrap", "val_lwlrap", "seconds")
PAIRS = {"lwlrap": ("lwlrap", "val_lwlrap"), "loss": ("loss", "val_loss")}


def curves(histories: Mapping[int, pd.DataFrame]) -> Chart:
    """Two axes, epochs counted over all stages; a line a fold, training pale and validation strong, stages marked."""
    table = pd.concat([history.assign(fold=fold) for fold, history in histories.items()])[list(COLUMNS)]
    rows = [[f"{cell:.4g}" if isinstance(cell, float) else cell for cell in row] for row in table.to_numpy(object)]

    def draw(figure: Figure) -> None:
        is_narrow = figure.get_figwidth() <= NARROW
        for axes, (name, pair) in zip(figure.subplots(*((2, 1) if is_narrow else (1, 2))), PAIRS.items(), strict=True):
            for number, history in enumerate(histories.values()):
                _draw_fold(axes, history, pair, named=number == 0)
            axes.set_title(name, loc="left")
            axes.set_xlabel("epoch")
            axes.xaxis.get_major_locator().set_params(integer=True)
            axes.grid(axis="y", lw=0.5)
            legend(axes)

    return chart(draw, "Loss and lwlrap by epoch", COLUMNS, rows, 3.2, 5.0)


def _draw_fold(axes: Axes, history: pd.DataFrame, pair: tuple[str, str], named: bool) -> None:
    """`named`: for the legend, in which each kind of line stands once."""
    epochs = range(1, len(history) + 1)
    for name, colour, label in zip(pair, (ORANGE, BLUE), ("training", "validation"), strict=True):
        axes.plot(epochs, history[name], ".-", color=colour, lw=1.2, ms=3, alpha=0.8, label=label if named else None)
    best = history["val_lwlrap"].argmax()
    axes.plot(best + 1, history[pair[1]].iloc[best], "o", color=BLUE, ms=6, label="best epoch" if named else None)
    if named:
        for place in np.flatnonzero(history["stage"] != history["stage"].shift())[1:]:
            axes.axvline(place + 0.5, color=RULE, lw=1, ls="--")
