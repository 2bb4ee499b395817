"""A step, and epochs of steps, over all replicas of a strategy."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import keras
import tensorflow as tf

from fat_tf.errors import UserError

SEED = "seed_generator_state"  # what Keras calls the variable of a keras.random.SeedGenerator
APART = 1_000_003  # between the seeds of two replicas


def fit(
    model: keras.Model,
    batches: tf.data.Dataset,
    epochs: range,
    steps: int,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> None:
    """Train a compiled model for some epochs, on one device with Keras' own loop, on several with one like it.

    Keras' loop fails where replicas are on several hosts.

    Args:
        model: whose `train_step` is run.
        batches: whole ones of ((inputs, labels),), as many as the steps of all epochs.
        epochs: their numbers.
        steps: of an epoch.
        callbacks: of Keras; they get no logs of single batches.
    """
    if model.distribute_strategy.num_replicas_in_sync > 1:
        _fit_replicas(model, batches, epochs, steps, callbacks)
        return
    model.fit(
        _at_hand(batches),
        epochs=epochs.stop,
        initial_epoch=epochs.start,
        steps_per_epoch=steps,
        shuffle=False,  # the batches come shuffled
        verbose=0,
        callbacks=list(callbacks),
    )


def _at_hand(batches: tf.data.Dataset) -> tf.data.Dataset:
    """The batches, the next one on the GPU before it is asked for, where there is a GPU."""
    gpus = tf.config.list_logical_devices("GPU")
    return batches.apply(tf.data.experimental.prefetch_to_device(gpus[0].name, 2)) if gpus else batches


def _fit_replicas(model, batches, epochs, steps, callbacks) -> None:
    strategy = model.distribute_strategy
    parts = strategy.distribute_datasets_from_function(lambda context: _parts(batches, context))
    called = keras.callbacks.CallbackList(list(callbacks), model=model, epochs=epochs.stop, steps=steps)
    iterator = iter(parts)
    move_seeds = seeds_mover(strategy, [variable for variable in model.variables if variable.name == SEED])

    @tf.function
    def step():
        strategy.run(model.train_step, args=(next(iterator),))

    model.stop_training = False
    called.on_train_begin()
    for epoch in epochs:
        model.reset_metrics()
        called.on_epoch_begin(epoch)
        with apart(move_seeds):
            for number in range(steps):
                called.on_train_batch_begin(number)
                step()
                called.on_train_batch_end(number)
        called.on_epoch_end(epoch, model.get_metrics_result())
        if model.stop_training:
            break
    called.on_train_end()


def _parts(batches: tf.data.Dataset, context: tf.distribute.InputContext) -> tf.data.Dataset:
    """Of each batch the parts of this host's replicas, one after the other.

    A last batch is split as evenly as can be. No replica may get nothing of it: convolutions of no clips fail.
    """
    replicas = context.num_replicas_in_sync
    of_host = replicas // context.num_input_pipelines
    first = context.input_pipeline_id * of_host

    def split(batch):
        size = tf.cast(tf.shape(batch[1])[0], tf.int64)

        def part(replica):
            start, stop = size * replica // replicas, size * (replica + 1) // replicas
            return (tuple(values[start:stop] for values in batch),)

        return tf.data.Dataset.range(first, first + of_host).map(part)

    parts = batches.flat_map(split)
    # More than the steps of all epochs is never read: without this, workers would agree on each step's end of data.
    return parts.apply(tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)).prefetch(2 * of_host)


def seeds_mover(strategy: tf.distribute.Strategy, seeds: Sequence[keras.Variable]) -> Callable[[tf.Tensor], None]:
    """What moves the seeds of each replica by its number times a distance: apart, or together again."""

    def moved(distance):
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        for seed in seeds:
            seed.assign(seed.value + tf.cast(tf.stack([distance * replica, 0]), seed.value.dtype))

    return tf.function(lambda distance: strategy.run(moved, args=(distance,)))


@contextmanager
def apart(move_seeds: Callable[[tf.Tensor], None]) -> Iterator[None]:
    """Within, replicas draw other numbers than each other; the first one draws as one device does."""
    move_seeds(tf.constant(APART))
    yield
    move_seeds(tf.constant(-APART))


def are_many() -> bool:
    """Whether what is built or traced here is for several replicas."""
    return tf.distribute.get_strategy().num_replicas_in_sync > 1


def summed(gradients: Sequence[tf.Tensor | None]) -> list[tf.Tensor | None]:
    """Gradients of a replica's part of the batch, summed over the replicas: those of the whole batch."""
    if not are_many():
        return list(gradients)
    there = [gradient for gradient in gradients if gradient is not None]
    reduced = iter(tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, there))
    return [None if gradient is None else next(reduced) for gradient in gradients]


def for_replicas(optimiser: keras.optimizers.Optimizer, network: keras.Model) -> keras.optimizers.Optimizer:
    """An optimiser that takes gradients as they are: Keras' own sums them over the replicas, after it has clipped them.

    Raises:
        UserError: a batch normalisation of the network would have statistics of its own in each replica.
    """
    if are_many():
        for layer in network._flatten_layers():
            if isinstance(layer, keras.layers.BatchNormalization) and not layer.synchronized:
                raise UserError(
                    f"Layer {layer.name} of {network.name} would have statistics of its own in each replica: make it "
                    "with synchronized=True, or train without Recipe.distribution"
                )
        optimiser._all_reduce_sum_gradients = lambda gradients_and_variables: gradients_and_variables
    return optimiser
