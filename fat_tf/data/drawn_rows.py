"""Clips of which each epoch shows some, in fixed shares."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf


@dataclass(frozen=True)
class DrawnRows:
    """Several sets of clips, of each of which an epoch draws a number, none of them twice.

    They come in turns: so many in a row as make a batch hold their share of each set, within two clips.

    parts: rows (clips,) of each set. counts: clips of each that an epoch draws.
    """

    parts: tuple[np.ndarray, ...]
    counts: tuple[int, ...]

    def __len__(self) -> int:
        """Clips of an epoch."""
        return sum(self.counts)


Rows = np.ndarray | DrawnRows  # all of them in each epoch, or some


def in_shares(parts: Sequence[np.ndarray], shares: Sequence[float]) -> DrawnRows:
    """The longest epoch that has these shares (which sum to 1) and no clip of a part twice."""
    longest = min(len(rows) / share for rows, share in zip(parts, shares, strict=True) if share > 0)
    return DrawnRows(tuple(parts), tuple(min(len(r), round(longest * s)) for r, s in zip(parts, shares, strict=True)))


def all_rows(rows: Rows) -> np.ndarray:
    """(clips,) rows of every clip that an epoch may show."""
    return np.unique(np.concatenate(rows.parts)) if isinstance(rows, DrawnRows) else rows


def rows_of_epoch(rows: Rows, seed: tf.Tensor) -> np.ndarray | tf.Tensor:
    """(clips,) int64 rows that an epoch shows; `seed`, two int32, draws some, and puts these in their order."""
    if not isinstance(rows, DrawnRows):
        return rows
    drawn, places = [], []
    for number, (part, count) in enumerate(zip(rows.parts, rows.counts, strict=True)):
        of_part = tf.random.experimental.stateless_fold_in(seed, number)
        drawn.append(tf.random.experimental.stateless_shuffle(tf.cast(part, tf.int64), of_part)[:count])
        first = tf.random.stateless_uniform([], of_part, dtype=tf.float64)
        places.append((tf.range(count, dtype=tf.float64) + first) / max(count, 1))  # evenly spread over the epoch
    return tf.gather(tf.concat(drawn, 0), tf.argsort(tf.concat(places, 0), stable=True))
