"""Trains the folds of a run as tasks of Ray."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import gin

from fat_tf.cluster.run_tasks import judge, train_fold
from fat_tf.cluster.tasks import Resources, at_once, gather, put, submit
from fat_tf.cluster.watch import Watch
from fat_tf.errors import UserError, counted, listed
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.file_names import LOGS
from fat_tf.runs.progress_file import remove_progress, write_progress
from fat_tf.training.executor import Executor
from fat_tf.training.fold_data import fold_data
from fat_tf.training.recipe import Recipe
from fat_tf.training.recipe_data import recipe_data
from fat_tf.training.run_data import RunData
from fat_tf.training.scorers import ScorerVerdict
from fat_tf.training.train_folds import fold_work, folds_left, warn_of_few_steps


@gin.register
@dataclass(frozen=True)
class RayExecutor(Executor):
    """Each fold is a task, in a process of its own, on whichever machine has room for it.

    The folder of a run is shared with the workers. What a killed or lost worker had done is there, and the next one
    goes on from its last epoch.

    Args:
        cpus: processors of a task, and its threads: results are the same, bit for bit, for the same number.
        gpus: of a task; a share, like 0.5, lets several have one together.
        retries: of a task whose worker is lost.

    Raises:
        UserError: no processor, a negative number, a share of more than one GPU.
    """

    cpus: int = 1
    gpus: float = 0.0
    retries: int = 3

    def __post_init__(self):
        if self.cpus < 1 or self.retries < 0:
            raise UserError(f"RayExecutor: cpus are 1 or more, retries 0 or more, not {self.cpus}, {self.retries}")
        if self.gpus < 0 or (self.gpus > 1 and self.gpus % 1):
            raise UserError(f"RayExecutor.gpus is a share of one, like 0.5, or a whole number, not {self.gpus}")

    @property
    def resources(self) -> Resources:
        """Of a task."""
        return Resources(self.cpus, self.gpus, self.retries)

    def judge_clips(
        self, recipe: Recipe, run: RunDirectory, data: RunData, folds: Sequence[int]
    ) -> Mapping[int, ScorerVerdict]:
        """As the function of this name, as a task."""
        name, log = f"scores of {run.folder.name}", run.folder / LOGS / "scores.log"
        what = run.folder.absolute(), recipe_data(recipe, None), put(_portable(data)), folds
        task = submit(name, self.resources, log, judge, *what)
        return gather({task: name}, log)[name]

    def train_folds(
        self,
        recipe: Recipe,
        run: RunDirectory,
        data: RunData,
        folds: Sequence[int],
        judged: Mapping[int, ScorerVerdict],
    ) -> None:
        """As the function of this name."""
        left = folds_left(recipe, run, folds)
        of_folds = [fold_data(recipe, data, fold, judged.get(fold)) for fold in left]
        work = [fold_work(recipe, data, of_fold, run.fold(of_fold.number)) for of_fold in of_folds]
        epochs = sum(stage.epochs for of_fold in work for stage in of_fold.stages)
        logs, together = run.folder / LOGS, min(len(left), at_once(self.resources))
        if left:
            print(f"Fold {listed(left)} as {counted(len(left), 'task')} of Ray, {together} at once: {logs}", flush=True)
            warn_of_few_steps(recipe, of_folds[0])
        shared = run.folder.absolute(), recipe_data(recipe, None), put(_portable(data))
        tasks = {}
        for fold in left:
            what = (*shared, fold, judged.get(fold), folds if fold == left[0] else ())
            name = f"fold {fold} of {run.folder.name}"
            tasks[submit(name, self.resources, logs / f"fold_{fold}.log", train_fold, *what)] = name
        watch = Watch({"": run.folder}, epochs, together, partial(write_progress, run.folder))
        gather(tasks, logs, lambda done, failed: watch.look())
        remove_progress(run.folder)


def _portable(data: RunData) -> RunData:
    """The data as they are sent: without what gives the clips, with absolute paths to it."""
    clips, index = (
        table.assign(**{name: table[name].map(os.path.abspath) for name in ("path", "shard") if name in table})
        for table in (data.clips, data.index)
    )
    return replace(data, source=None, clips=clips, index=index)
