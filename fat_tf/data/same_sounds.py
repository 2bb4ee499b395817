"""Clips that are the same sound, also in another format: of one that it knows, a model's score says nothing."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from fat_tf.data.sources import ClipSource

TIMES, BANDS = 64, 16  # of the small picture that clips are compared by
LOUD = 40.0  # dB below a clip's loudest cell: what formats change lies lower
ALIKE = 0.75  # correlation of small pictures from which on two clips are compared closely
SAME = 1.5  # dB that loud cells differ by in the median: MP3 of the same rate below 0.5, other clips from 1.8 on
LAGS, FRAMES = range(-2, 3), 512  # frames that a format may shift a clip by, and that are compared closely
STEADY = 0.5  # dB: small pictures that vary less are compared by nothing
BLOCK = 1024  # clips compared with all others at a time

UNJUDGED = -1  # in place of its fold: a clip that is trained on alone, as noisy ones are
Pairs = set[tuple[int, int]]  # places among the rows that are compared, the lower one first


def same_pictures(index: pd.DataFrame, rows: np.ndarray, folds: np.ndarray) -> Pairs:
    """Clips in different folds with equal pictures, as equal files have, told from the sums in the features' index."""
    sums = index.iloc[rows].reset_index(drop=True)
    cells = sums["frames"] * sums["frame_values"]
    varies = sums["total_of_squares"] / cells > (sums["total"] / cells) ** 2 + STEADY**2
    by_picture = sums[varies].groupby(["samples", "total", "total_of_squares"]).indices.values()
    places = (np.flatnonzero(varies)[clips] for clips in by_picture)
    return {(int(clips[0]), int(clip)) for clips in places for clip in clips[folds[clips] != folds[clips[0]]]}


def similar_pictures(source: ClipSource, rows: np.ndarray, folds: np.ndarray) -> Pairs:
    """Clips whose pictures differ by what formats do to them: each with that of another fold that is most like it.

    Args:
        source: of pictures.
        rows: (clips,) of the source.
        folds: (clips,), or UNJUDGED.
    """
    small = np.zeros((len(rows), TIMES * BANDS), np.float32)
    for place, picture in _pictures(source, rows):
        small[place] = _small(picture)
    likely = {tuple(sorted(pair)) for pair in _nearest(small, folds)}
    places = np.array(sorted({place for pair in likely for place in pair}), int)
    pictures = {place: picture[:FRAMES].astype(np.float16) for place, picture in _pictures(source, rows, places)}
    return {(a, b) for a, b in likely if _difference(pictures[a], pictures[b]) < SAME}


def _pictures(
    source: ClipSource, rows: np.ndarray, places: np.ndarray | None = None
) -> Iterator[tuple[int, np.ndarray]]:
    """(place among the rows, picture (frames, values) in dB below its loudest cell), in the order of the source."""
    places = np.arange(len(rows)) if places is None else places
    place_of = dict(zip(rows[places].tolist(), places.tolist(), strict=True))
    for row, picture in source.examples(rows[places]).as_numpy_iterator():
        yield place_of[int(row)], picture.astype(np.float32) - np.float32(picture.max())


def _small(picture: np.ndarray) -> np.ndarray:
    """Loud part of a picture, averaged to TIMES × BANDS cells, less each band's mean, at length 1 (0 if steady)."""
    small = np.maximum(picture, -LOUD)
    for axis, parts in enumerate((TIMES, BANDS)):
        edges = np.linspace(0, small.shape[axis], parts + 1).astype(int)
        sizes = np.maximum(np.diff(edges), 1)
        small = np.add.reduceat(small, edges[:-1], axis) / np.expand_dims(sizes, 1 - axis)
    small = (small - small.mean(axis=0)).ravel()
    return small / np.linalg.norm(small) if small.std() > STEADY else np.zeros_like(small)


def _nearest(small: np.ndarray, folds: np.ndarray) -> Iterator[tuple[int, int]]:
    """Each clip with the most similar one of another fold, where they are alike."""
    judged = np.flatnonzero(folds != UNJUDGED)
    for start in range(0, len(small), BLOCK):
        block = slice(start, start + BLOCK)
        alike = small[block] @ small[judged].T
        alike[folds[block, None] == folds[judged]] = -1
        best = alike.argmax(axis=1)
        for row in np.flatnonzero(np.take_along_axis(alike, best[:, None], 1)[:, 0] > ALIKE):
            yield start + int(row), int(judged[best[row]])


def _difference(a: np.ndarray, b: np.ndarray) -> float:
    """Median difference in dB of the cells that are loud in either picture, shifted as fits best."""
    a, b = a.astype(np.float32), b.astype(np.float32)  # what is kept of many clips is half as large
    length = min(len(a), len(b)) - max(LAGS)
    shifted = ((a[max(lag, 0) :][:length], b[max(-lag, 0) :][:length]) for lag in LAGS)
    apart = [np.abs(x - y)[np.maximum(x, y) > -LOUD] for x, y in shifted]
    return min(float(np.median(cells)) if cells.size else np.inf for cells in apart)
