"""Windows of clips in batches: random ones to train on, regular ones to score."""

from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from fat_tf.data.drawn_rows import DrawnRows, Rows, rows_of_epoch
from fat_tf.data.parallel import THREADS, without_autotuning
from fat_tf.data.sources import ClipSource, on_host
from fat_tf.data.windows import regular_starts_of
from fat_tf.errors import UserError


def training_batches(
    source: ClipSource,
    rows: Rows,
    targets: np.ndarray | tf.Tensor,
    batch_size: int,
    epochs: range,
    seed: tuple[int, int],
    smallest: int = 2,
) -> tf.data.Dataset:
    """Epochs of shuffled clips, a random window of each; what an epoch draws depends on the seed and its number alone.

    Args:
        source: of the clips.
        rows: (clips,) rows of the source to train on, or what each epoch draws of them.
        targets: (all rows of the source, classes), of whichever type.
        batch_size: clips; the last batch of an epoch holds what is left, unless that is too little.
        epochs: numbers of the epochs to give.
        seed: two ints.
        smallest: clips of a last batch, at least.

    Returns:
        Batches of ((inputs, labels),) for `fit`: (batch, *source.input_shape) and (batch, classes) float32.

    Raises:
        UserError: a clip twice, of a source that gives each once.
    """
    _check_once(source, rows)
    used = _used(len(rows), batch_size, smallest)
    with on_host():
        labels = tf.constant(targets)
        rows = rows if isinstance(rows, DrawnRows) else tf.constant(rows)  # no constant of the pipeline's graph

    def epoch_batches(epoch):
        of_epoch = _epoch_seed(seed, epoch)

        def cut(position, example):
            row, clip = example
            of_clip = tf.random.experimental.stateless_fold_in(of_epoch, position)
            return random_window(clip, source.window, of_clip), tf.cast(labels[row], tf.float32)

        clips = _examples(source, rows, of_epoch).take(used).enumerate()
        batches = clips.map(cut, THREADS, deterministic=True).batch(batch_size)
        return batches.map(lambda windows, labels: ((source.to_input(windows), labels),))

    numbers = tf.data.Dataset.range(epochs.start, epochs.stop)
    return without_autotuning(numbers.flat_map(epoch_batches).prefetch(2))


def _check_once(source: ClipSource, rows: Rows) -> None:
    """Raise a UserError for a clip that is there twice where each is read once, in the order of the disk."""
    each = np.concatenate(rows.parts) if isinstance(rows, DrawnRows) else rows
    if not source.keeps_order and len(np.unique(each)) < len(each):
        raise UserError(
            "A set of clips has a clip twice, and log-mels that are streamed from disk give each once: leave it out, "
            "or raise cached_pictures.memory_gb, so that all fit into memory"
        )


def steps_per_epoch(clips: int, batch_size: int, smallest: int) -> int:
    """Batches that `training_batches` gives of so many clips."""
    return -(-_used(clips, batch_size, smallest) // batch_size)


def _used(clips: int, batch_size: int, smallest: int) -> int:
    """Clips of an epoch: what would be too small a last batch is left out (other clips each time).

    Of a single clip batch normalisation would take a tenth of its statistics, right before validation.
    """
    rest = clips % batch_size
    return clips - rest if clips > batch_size > 1 and rest < smallest else clips


def batch_rows(
    source: ClipSource, rows: Rows, batch_size: int, epoch: int, batch: int, seed: tuple[int, int]
) -> np.ndarray:
    """Rows of the clips in one batch of `training_batches`; both counted from 0."""
    # An int64, as the epochs of a dataset are: another dtype would seed another shuffle.
    of_epoch = _epoch_seed(seed, tf.constant(epoch, tf.int64))
    order = [int(row) for row, _ in _examples(source, rows, of_epoch)]
    return np.array(order[batch * batch_size : (batch + 1) * batch_size])


def _examples(source: ClipSource, rows: Rows, of_epoch: tf.Tensor) -> tf.data.Dataset:
    """An epoch's clips in the order of training: shuffled, unless they are drawn in an order that batches rely on."""
    in_order = isinstance(rows, DrawnRows) and source.keeps_order
    return source.examples(rows_of_epoch(rows, of_epoch), None if in_order else of_epoch)


def _epoch_seed(seed: tuple[int, int], epoch: tf.Tensor) -> tf.Tensor:
    return tf.random.experimental.stateless_fold_in(tf.constant(seed, tf.int32), epoch)


def random_window(clip: tf.Tensor, window: int, seed: tf.Tensor) -> tf.Tensor:
    """`window` steps of the clip's first axis from a uniformly drawn start."""
    last = tf.shape(clip)[0] - window
    start = tf.random.stateless_uniform([], seed, maxval=last + 1, dtype=tf.int32)
    return tf.ensure_shape(clip[start : start + window], [window, *clip.shape[1:]])


def count_windows(source: ClipSource, rows: np.ndarray, count: int) -> int:
    """How many windows `window_batches` gives."""
    return int(regular_starts_of(source.lengths[rows], source.window, count)[1].sum())


def window_batches(
    source: ClipSource, rows: np.ndarray, count: int, batch_size: int
) -> Iterator[tuple[np.ndarray, np.ndarray, tf.Tensor]]:
    """Regular windows of each clip, batches filled across clips.

    Yields:
        (row of each window (batch,), its start (batch,) in steps of the clip, inputs (batch, *source.input_shape)).
    """
    starts = tf.RaggedTensor.from_row_lengths(*regular_starts_of(source.lengths[rows], source.window, count))
    places_of = np.zeros(len(source.lengths), np.int64)
    places_of[rows] = np.arange(len(rows))

    def cut(row, clip):
        places = starts[tf.constant(places_of)[row]]
        steps = places[:, None] + tf.range(source.window, dtype=tf.int64)
        return tf.data.Dataset.from_tensor_slices((tf.fill(tf.shape(places), row), places, tf.gather(clip, steps)))

    batches = source.examples(rows).flat_map(cut).batch(batch_size)
    batches = batches.map(lambda row, start, windows: (row, start, source.to_input(windows))).prefetch(2)
    for row, start, inputs in without_autotuning(batches):
        yield row.numpy(), start.numpy(), inputs
