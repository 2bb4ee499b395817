"""Pictures of a run's results."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import auc, roc_curve

from fat_tf.figures import BLUE, FONT, ORANGE, PALE, blank, classes_down, shortened, titled
from fat_tf.training.board.clips import ValidationClips


def roc_figure(clips: ValidationClips, classes: Sequence[int]) -> Figure:
    """The ROC curves of some classes: share of their clips against share of the others that score as high."""
    figure = blank(8, 6)
    axes = figure.add_subplot(xlabel="false positive rate", ylabel="true positive rate", xlim=(0, 1), ylim=(0, 1.01))
    axes.plot([0, 1], [0, 1], color=PALE)
    for k in classes:
        wrong, right, _ = roc_curve(clips.truth[:, k] > 0, clips.scores[:, k])
        axes.plot(wrong, right, label=f"{shortened(clips.vocabulary[k])} ({auc(wrong, right):.3f})")
    for line in axes.legend(loc="lower right", fontsize=FONT, title="class (area)").get_texts():
        line.set_parse_math(False)
    titled(figure, "ROC out of fold")
    return figure


def class_bars(per_class: np.ndarray, overall: float, clips: ValidationClips) -> Figure:
    """lwlrap of each class out of fold, the worst at the top; a line for all.

    Args:
        per_class: (classes,), NaN where a class has no clip.
        overall: of all classes.
        clips: that were judged.
    """
    order = np.argsort(np.nan_to_num(per_class, nan=np.inf), kind="stable")
    figure, axes = classes_down([clips.vocabulary[k] for k in order], clips.truth.sum(axis=0).astype(int)[order])
    axes.barh(range(len(order)), np.nan_to_num(per_class[order]), color=BLUE, height=0.7)
    axes.axvline(overall, color=ORANGE)
    axes.set_xlim(0, 1)
    titled(figure, f"lwlrap by class (clips), out of fold; all: {overall:.3f}")
    return figure
