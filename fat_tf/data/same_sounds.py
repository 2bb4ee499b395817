"""Clips that are the same sound, also in another format: of one that it knows, a model's score says nothing."""

from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd

from fat_tf.data.parallel import without_autotuning
from fat_tf.data.sources import ClipSource

TIMES, BANDS = 64, 16  # of the small picture that clips are compared by
LOUD = 40.0  # dB below a clip's loudest cell: what formats change lies lower
ALIKE = 0.75  # correlation of small pictures from which on two clips are compared closely
SAME = 1.5  # dB that loud cells differ by in the median: MP3 of the same rate below 0.5, other clips from 1.8 on
LAGS, FRAMES = range(-2, 3), 512  # frames that a format may shift a clip by, and that are compared closely
STEADY = 0.5  # dB: small pictures that vary less are compared by nothing
BLOCK = 1024  # clips compared with all others at a time
MANY = 20_000  # clips; of more of them not each is compared with each
PAIRS = 4096  # of clips that are compared closely at a time: 0.5 GB
READ = 64  # clips read at a time

UNKNOWN = -1  # in place of a picture's number
UNJUDGED = -1  # in place of its fold: a clip that is trained on alone, as noisy ones are
Pairs = set[tuple[int, int]]  # places among the rows that are compared, the lower one first


def picture_numbers(index: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
    """(clips,) int, the same for clips with equal pictures, as equal files have, told from the sums in the index.

    UNKNOWN for steady ones, whose sums say nothing.
    """
    sums = index.iloc[rows]
    cells = sums["frames"] * sums["frame_values"]
    varies = sums["total_of_squares"] / cells > (sums["total"] / cells) ** 2 + STEADY**2
    numbers = sums.groupby(["samples", "total", "total_of_squares"]).ngroup()
    return numbers.where(varies, UNKNOWN).to_numpy()


def same_pictures(index: pd.DataFrame, rows: np.ndarray, folds: np.ndarray) -> Pairs:
    """Clips in different folds with equal pictures: the first one with others."""
    numbers = pd.Series(picture_numbers(index, rows))
    by_picture = numbers[numbers != UNKNOWN].groupby(numbers).indices.values()
    places = (np.flatnonzero(numbers != UNKNOWN)[clips] for clips in by_picture)
    return {(int(clips[0]), int(clip)) for clips in places for clip in clips[folds[clips] != folds[clips[0]]]}


def similar_pictures(
    source: ClipSource, rows: np.ndarray, folds: np.ndarray, numbers: np.ndarray | None = None
) -> Pairs:
    """Clips whose pictures differ by what formats do to them: each with that of another fold that is most like it.

    Of more than MANY clips, those with equal pictures are compared once a fold, and with those alone that are like the
    same ones.

    Args:
        source: of pictures.
        rows: (clips,) of the source.
        folds: (clips,), or UNJUDGED.
        numbers: `picture_numbers`, where they are known: equal pictures need not be looked at.
    """
    numbers = np.full(len(rows), UNKNOWN) if numbers is None else numbers
    places = np.arange(len(rows)) if len(rows) <= MANY else _once_a_fold(numbers, folds)
    small = np.zeros((len(places), TIMES * BANDS), np.float32 if len(places) <= MANY else np.float16)
    for place, picture in _pictures(source, rows[places]):
        small[place] = _small(picture)
    likely = {tuple(sorted(map(int, places[list(pair)]))) for pair in _nearest(small, folds[places])}
    equal = {(a, b) for a, b in likely if numbers[a] == numbers[b] != UNKNOWN}
    return equal | _close(source, rows, sorted(likely - equal))


def _once_a_fold(numbers: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Places (clips,) of the first clip of each fold with a picture, and of all whose picture is not known."""
    clips = pd.DataFrame({"number": numbers, "fold": folds})
    return np.flatnonzero((~clips.duplicated() | (numbers == UNKNOWN)).to_numpy())


def _close(source: ClipSource, rows: np.ndarray, likely: list[tuple[int, int]]) -> Pairs:
    """Those of the pairs that differ by no more than SAME; some pictures at a time are in memory."""
    close = set()
    for start in range(0, len(likely), PAIRS):
        pairs = likely[start : start + PAIRS]
        places = np.unique(pairs)
        read = _pictures(source, rows[places])
        pictures = {int(places[place]): picture[:FRAMES].astype(np.float16) for place, picture in read}
        close |= {(a, b) for a, b in pairs if _difference(pictures[a], pictures[b]) < SAME}
    return close


def _pictures(source: ClipSource, rows: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """(place among the rows, picture (frames, values) in dB below its loudest cell), in the order of the source."""
    place_of = dict(zip(rows.tolist(), range(len(rows)), strict=True))
    for some, clips in without_autotuning(source.examples(rows).ragged_batch(READ)):  # one by one takes longer
        ends = clips.row_splits.numpy()
        values = clips.flat_values.numpy()
        for row, start, end in zip(some.numpy().tolist(), ends[:-1], ends[1:], strict=True):
            picture = values[start:end].astype(np.float32)
            yield place_of[row], picture - picture.max()


def _small(picture: np.ndarray) -> np.ndarray:
    """Loud part of a picture, averaged to TIMES × BANDS cells, less each band's mean, at length 1 (0 if steady)."""
    small = np.maximum(picture, -LOUD)
    for axis, parts in enumerate((TIMES, BANDS)):
        starts, sizes = _parts(small.shape[axis], parts)
        small = np.add.reduceat(small, starts, axis) / np.expand_dims(sizes, 1 - axis)
    small = (small - small.mean(axis=0)).ravel()
    return small / np.linalg.norm(small) if small.std() > STEADY else np.zeros_like(small)


@cache
def _parts(length: int, parts: int) -> tuple[np.ndarray, np.ndarray]:
    """Starts and sizes (parts,) of about equal parts of a length; a size is 1 at least."""
    edges = np.linspace(0, length, parts + 1).astype(int)
    return edges[:-1], np.maximum(np.diff(edges), 1)


def _nearest(small: np.ndarray, folds: np.ndarray) -> Iterator[tuple[int, int]]:
    """Each clip with the most similar one of another fold, where they are alike."""
    judged = np.flatnonzero(folds != UNJUDGED)
    compared = [(np.arange(len(small)), judged)] if len(small) <= MANY else _neighbours(small, judged)
    for clips, others in compared:
        pictures = small[others].astype(np.float32).T
        for start in range(0, len(clips) if len(others) else 0, BLOCK):
            block = clips[start : start + BLOCK]
            alike = small[block].astype(np.float32) @ pictures
            alike[folds[block, None] == folds[others]] = -1
            best = alike.argmax(axis=1)
            for row in np.flatnonzero(np.take_along_axis(alike, best[:, None], 1)[:, 0] > ALIKE):
                yield int(block[row]), int(others[best[row]])


def _neighbours(small: np.ndarray, judged: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Clips that are most like the same one of √clips random ones, and judged clips that have it as first or second.

    Cluster pruning (Chierichetti et al., "Finding near neighbors through cluster pruning", PODS 2007): what is the same
    is like the same ones, and time grows with clips · √clips.
    """
    leaders = np.random.default_rng(0).choice(len(small), int(np.sqrt(len(small))), replace=False)
    pictures = small[leaders].astype(np.float32).T
    blocks = (small[start : start + BLOCK].astype(np.float32) @ pictures for start in range(0, len(small), BLOCK))
    first, second = np.concatenate([np.argpartition(-alike, (0, 1), axis=1)[:, :2] for alike in blocks]).T
    for leader in range(len(leaders)):
        near = (first[judged] == leader) | (second[judged] == leader)
        yield np.flatnonzero(first == leader), judged[near]


def _difference(a: np.ndarray, b: np.ndarray) -> float:
    """Median difference in dB of the cells that are loud in either picture, shifted as fits best."""
    a, b = a.astype(np.float32), b.astype(np.float32)  # what is kept of many clips is half as large
    length = min(len(a), len(b)) - max(LAGS)
    shifted = ((a[max(lag, 0) :][:length], b[max(-lag, 0) :][:length]) for lag in LAGS)
    apart = [np.abs(x - y)[np.maximum(x, y) > -LOUD] for x, y in shifted]
    return min(float(np.median(cells)) if cells.size else np.inf for cells in apart)
