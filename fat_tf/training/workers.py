"""What several processes that train one model together do beside it: wait, agree, work in folders of their own.

All of them run the same program on the same data. The chief's folder is the run's; the others work in a copy of it
among the temporary files, which ends with them. So each can do what lies between the epochs by itself.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from hashlib import sha256
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from fat_tf.errors import UserError, listed
from fat_tf.parts import name_of
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.file_names import LOCK
from fat_tf.training.distribution import joined_cluster, strategy_of
from fat_tf.training.losses import of_whole_batch
from fat_tf.training.recipe import Recipe
from fat_tf.training.recipe_data import recipe_data
from fat_tf.training.run_data import FoldedClips
from fat_tf.training.scorers import ScorerVerdict
from fat_tf.training.stage import unrolled
from fat_tf.training.tf_config import Cluster

WORDS = 4  # int64 of a fingerprint
LOST_TASK = re.compile(r"/job:(\w+)/replica:0/task:(\d+) (?:heartbeat|while calling)")  # silent for a while, or gone
LOST = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError)


@contextmanager
def joined(recipe: Recipe, run_dir: str | Path) -> Iterator[Path]:
    """Within, this process is one of those that train a recipe together, if there are several.

    Yields:
        The folder to work in: that of the run, or a copy for a worker that is not the chief, which says nothing.

    Raises:
        UserError: replicas that the recipe cannot have, a cluster that does not meet, a worker that is lost.
    """
    strategy = strategy_of(recipe.distribution)
    check_replicas(recipe, strategy.num_replicas_in_sync)
    if not (cluster := joined_cluster(recipe.distribution)):
        yield Path(run_dir)
        return
    with said_if_lost(cluster):
        if cluster.is_chief:
            agree(strategy)  # the others have their copy
            yield Path(run_dir)
        else:
            with _copy(Path(run_dir)) as folder, _silent(cluster):
                agree(strategy)
                yield folder
        agree(strategy)  # the chief, whose process holds the cluster together, does not leave before


def writes(recipe: Recipe) -> bool:
    """Whether this process writes the run: not a worker that is not the chief."""
    cluster = joined_cluster(recipe.distribution)
    return not cluster or cluster.is_chief


def check_replicas(recipe: Recipe, replicas: int) -> None:
    """Check that a recipe can be trained by so many replicas.

    Raises:
        UserError: what is in the way.
    """
    if replicas == 1:
        return
    if recipe.batch_size % replicas:
        raise UserError(
            f"Recipe.batch_size counts the clips of all replicas, and {recipe.batch_size} does not divide among "
            f"{replicas}: choose a multiple, like {-(-recipe.batch_size // replicas) * replicas}"
        )
    if recipe.jit_compile:
        raise UserError(f"Recipe.jit_compile is for one device, and there are {replicas} replicas: set it to None")
    stages = [*unrolled(recipe.stages), *(unrolled(recipe.scorer_stages) if recipe.scorer_stages else [])]
    if whole := [loss for stage in stages if (loss := of_whole_batch(recipe.loss_of(stage)))]:
        raise UserError(
            f"{name_of(whole[0])} compares the clips of the whole batch, and {replicas} replicas have parts of it each"
        )


@contextmanager
def said_if_lost(cluster: Cluster) -> Iterator[None]:
    """Within, a worker that is lost is told by its address, as far as TensorFlow says which it is.

    Raises:
        UserError: a worker is lost.
    """
    try:
        yield
    except LOST as error:
        tasks = dict.fromkeys(LOST_TASK.findall(str(error)))
        lost = [cluster.address_of(job, int(index)) for job, index in tasks]
        worker = f"worker {listed(lost)}" if lost else "another worker"
        raise UserError(
            f"Lost {worker}: its own last lines say why. Start the same command again on all hosts; it goes on from "
            "the last epoch"
        ) from error


@contextmanager
def _copy(run_dir: Path) -> Iterator[Path]:
    """A copy of a run's folder for a while, with the same folders beside it."""
    with tempfile.TemporaryDirectory(prefix="fat_tf-worker-") as place:
        copy = Path(place) / run_dir.absolute().name
        for beside in run_dir.absolute().parent.glob("*/"):
            if beside.name != copy.name:
                (copy.parent / beside.name).symlink_to(beside)
        if run_dir.exists():
            shutil.copytree(run_dir, copy, ignore=shutil.ignore_patterns(LOCK))
        yield copy


@contextmanager
def _silent(cluster: Cluster) -> Iterator[None]:
    number, count = cluster.number + 1, len(cluster.addresses)
    print(f"Worker {number} of {count}: the first one, {cluster.addresses[0]}, says what goes on", flush=True)
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        yield


@contextmanager
def chief_first(recipe: Recipe) -> Iterator[None]:
    """What is done within is done by the chief, then by the others: what it has computed is there for them."""
    cluster, strategy = joined_cluster(recipe.distribution), strategy_of(recipe.distribution)
    if cluster and not cluster.is_chief:
        agree(strategy)
    yield
    if cluster and cluster.is_chief:
        agree(strategy)


def agree(strategy: tf.distribute.Strategy, **said: object) -> None:
    """Wait for all workers of a strategy, and compare what each of them says.

    Raises:
        UserError: by what names they differ.
    """
    own = tf.constant([_fingerprint(value) for value in said.values()] or [[0] * WORDS], tf.int64)

    @tf.function
    def gathered():
        return strategy.run(lambda: tf.distribute.get_replica_context().all_gather(own[None], axis=0))

    of_replicas = strategy.experimental_local_results(gathered())[0].numpy()
    differ = (of_replicas != of_replicas[:1]).any(axis=(0, 2))
    if names := [name.replace("_", " ") for name, differs in zip(said, differ, strict=False) if differs]:
        raise UserError(
            f"The workers differ in {listed(names)}: give all of them the same program, command and files, on storage "
            "that each of them sees"
        )


def agree_on_run(recipe: Recipe, run: RunDirectory, folded: FoldedClips, folds: Sequence[int]) -> None:
    """Check that all workers are about to train the same.

    Raises:
        UserError: by what they differ.
    """
    if joined_cluster(recipe.distribution):
        reached = {
            str(file.relative_to(run.folder)): file.stat().st_size for file in run.folder.glob("fold_*/state/*.npz")
        }
        agree(
            strategy_of(recipe.distribution),
            versions=[tf.__version__, keras.__version__],
            the_recipe=recipe_data(recipe, None),
            the_clips=folded.tables(recipe).checksums,
            the_folds=list(folds),
            what_the_run_has=[run.scored_folds(), reached],
        )


def agree_on_judged(recipe: Recipe, judged: Mapping[int, ScorerVerdict]) -> None:
    """Check that all workers take the same noisy clips for the best.

    Raises:
        UserError: they do not.
    """
    if joined_cluster(recipe.distribution):
        best = {fold: None if of_fold.best is None else of_fold.best.tolist() for fold, of_fold in judged.items()}
        agree(strategy_of(recipe.distribution), the_chosen_noisy_clips=best)


def _fingerprint(value: object) -> list[int]:
    digest = sha256(json.dumps(value, sort_keys=True, default=str).encode()).digest()
    return np.frombuffer(digest, np.int64, WORDS).tolist()


def of_chief(strategy: tf.distribute.Strategy, row: dict[str, float]) -> dict[str, float]:
    """What the chief has measured, so that no rounding of another machine makes workers part."""
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return row
    own = tf.constant(list(row.values()), tf.float64)

    def told():
        context = tf.distribute.get_replica_context()
        return context.all_reduce(tf.distribute.ReduceOp.SUM, tf.where(context.replica_id_in_sync_group == 0, own, 0))

    values = strategy.experimental_local_results(tf.function(lambda: strategy.run(told))())[0].numpy()
    return dict(zip(row, values.tolist(), strict=True))
