"""Pictures of a fold: what enters its network, how its classes learn, what it takes for what."""

import io
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from tensorboard.compat.proto.summary_pb2 import Summary

from fat_tf.figures import FONT, LINE, confusions, save_png, shortened
from fat_tf.metrics.accuracy import confusion_matrix
from fat_tf.training.board.clips import ValidationClips, evenly
from fat_tf.training.board.summaries import picture

COLUMNS = 2  # of pictures that enter the network
LEAST_SHARE = 0.005  # of a label in a mixture that is named
WIDTH, ROW, TITLE = 6.0, 1.7, 0.4  # inches: of a figure, of a row of pictures, of their titles
LETTERS = 28  # of a label above a picture
NAMES = 2.6  # inches for the names of classes
DPI = 80


def as_summary(name: str, figure: Figure, description: str = "") -> Summary:
    """A figure as TensorBoard shows it."""
    png = io.BytesIO()
    save_png(figure, png, DPI)
    width, height = (round(side * DPI) for side in figure.get_size_inches())
    return picture(name, png.getvalue(), (width, height), description)


def entering_figure(pictures: np.ndarray, labels: np.ndarray, vocabulary: Sequence[str]) -> Figure:
    """Normalised, augmented pictures with their labels, mixed ones with their shares.

    Args:
        pictures: (clips, mels, frames, channels); the first channel is drawn, low frequencies below.
        labels: (clips, classes), shares.
        vocabulary: the classes.
    """
    rows = -(-len(pictures) // COLUMNS)
    figure = Figure((WIDTH, ROW * rows))
    axes = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    low, high = np.percentile(pictures, [1, 99])
    for place, (image, shares) in enumerate(zip(pictures, labels, strict=True)):
        look = {"origin": "lower", "aspect": "auto", "cmap": "magma", "interpolation": "nearest"}
        axes[place].imshow(image[..., 0], vmin=low, vmax=max(high, low + 1e-6), **look)
        axes[place].set_title(shares_in_words(shares, vocabulary), fontsize=FONT, parse_math=False)
    for each in axes:
        each.set_axis_off()
    figure.subplots_adjust(0.01, 0.02 / rows, 0.99, 1 - TITLE / (ROW * rows), wspace=0.05, hspace=TITLE / (ROW - TITLE))
    return figure


def shares_in_words(shares: np.ndarray, vocabulary: Sequence[str]) -> str:
    """The labels of a clip, a line each, with their shares where these are not whole."""
    named = [k for k in np.argsort(-shares, kind="stable") if shares[k] >= LEAST_SHARE]
    lines = [
        shortened(vocabulary[k], LETTERS) + (f" {shares[k]:.2f}" if shares[k] < 1 - LEAST_SHARE else "")
        for k in named[:2]
    ]
    more = f", and {len(named) - 2} more" if len(named) > 2 else ""
    return "\n".join(lines) + more if lines else "no label"


def class_figure(steps: Sequence[int], values: np.ndarray, vocabulary: Sequence[str]) -> Figure:
    """lwlrap of each class over the epochs, the class that is worst in the end at the top.

    Args:
        steps: of the optimiser, of each epoch.
        values: (epochs, classes); NaN where a class has no clip.
        vocabulary: the classes.
    """
    order = np.argsort(np.nan_to_num(values[-1], nan=np.inf), kind="stable")
    height = 1.2 + LINE * len(order)
    figure, below, tall = Figure((WIDTH, height)), 0.7 / height, 1 - 1.2 / height
    axes = figure.add_axes((NAMES / WIDTH, below, 0.45, tall), xlabel="epochs (optimiser steps)")
    image = axes.imshow(values[:, order].T, aspect="auto", vmin=0, vmax=1, interpolation="nearest")
    axes.set_yticks(range(len(order)), [shortened(vocabulary[k]) for k in order], fontsize=FONT, parse_math=False)
    shown = evenly(len(steps), 6)
    axes.set_xticks(shown, [f"{epoch + 1}\n({steps[epoch]})" for epoch in shown], fontsize=FONT)
    axes.set_title("validation lwlrap by class", fontsize=FONT + 1)
    figure.colorbar(image, cax=figure.add_axes((0.91, below, 0.02, tall)))
    return figure


def confusion_figure(clips: ValidationClips) -> Figure:
    """Clips by label and top class."""
    return confusions(confusion_matrix(clips.truth, clips.scores), clips.vocabulary, "clips by label and top class")
