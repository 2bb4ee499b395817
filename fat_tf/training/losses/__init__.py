"""What clips cost, given their labels: the loss of the paper, and others that a configuration may name."""

from fat_tf.training.losses.bootstrapping import SoftBootstrapping
from fat_tf.training.losses.by_source import BySource
from fat_tf.training.losses.cross_entropy import SummedCrossEntropy, cross_entropy_of_scores
from fat_tf.training.losses.focal import SigmoidFocal
from fat_tf.training.losses.loss import (
    Loss,
    costs,
    loss_of_clips,
    needs_best,
    needs_noisy,
    of_curated,
    of_whole_batch,
    parts_of,
)
from fat_tf.training.losses.lq import SummedLq
from fat_tf.training.losses.lsep import Lsep
from fat_tf.training.losses.masked import MaskedCrossEntropy
from fat_tf.training.losses.trimmed import Trimmed

__all__ = [
    "BySource",
    "Loss",
    "Lsep",
    "MaskedCrossEntropy",
    "SigmoidFocal",
    "SoftBootstrapping",
    "SummedCrossEntropy",
    "SummedLq",
    "Trimmed",
    "costs",
    "cross_entropy_of_scores",
    "loss_of_clips",
    "needs_best",
    "needs_noisy",
    "of_curated",
    "of_whole_batch",
    "parts_of",
]
