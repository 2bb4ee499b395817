"""The members of an ensemble, each a task that has the folds of its run as tasks."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fat_tf.cluster.executor import RayExecutor
from fat_tf.cluster.tasks import at_once, gather, submit
from fat_tf.cluster.watch import Watch
from fat_tf.errors import listed
from fat_tf.runs.file_names import LOGS
from fat_tf.storage.work import keep
from fat_tf.training.ensemble import Ensemble, Member, check_members, check_noisy, params_of_members, recipe_of
from fat_tf.training.inputs import Inputs
from fat_tf.training.run import train
from fat_tf.training.summary import closing

WAITING = 2  # members that are begun at least: one makes ready while the folds of another are trained


def train_ensemble(
    ensemble: Ensemble,
    run_dir: str | Path,
    inputs: Inputs = Inputs(),  # noqa: B008 (it is frozen)
    gin_params: Sequence[str] = (),
    executor: RayExecutor = RayExecutor(),  # noqa: B008 (it is frozen)
) -> bool:
    """As the local one, with as many members at a time as keep the cluster busy.

    A member that another one scores for begins when that is done; one that fails lets the others go on, but for those
    that it scores for.
    """
    run_dir, gin_params = Path(run_dir).absolute(), params_of_members(ensemble, gin_params)
    recipes = check_members(ensemble, gin_params, run_dir)
    check_noisy(ensemble, recipes, inputs.data_dir)
    needs = {name: set(recipe.scorer_runs) & recipes.keys() for name, recipe in recipes.items()}
    fewest = min(len(inputs.folds or recipe.folds or (0, 1)) for recipe in recipes.values())
    most = max(WAITING, math.ceil(at_once(executor.resources) / fewest))

    def begin(member: Member) -> object:
        print(f"Member {member.name} in {run_dir / member.name}", flush=True)
        what = (ensemble, member, run_dir, inputs, gin_params, executor)
        log = run_dir / LOGS / f"{member.name}.log"
        return submit(member.name, replace(executor.resources, waits=True), log, train_member, *what)

    queue, watch = MemberQueue(ensemble.runs, needs, most, begin), Watch({name: run_dir / name for name in recipes})

    def look(done: Collection[str], failed: Collection[str]) -> Mapping[object, str]:
        watch.look()
        keep(run_dir)
        return queue.next(done, failed)

    for name, metrics in gather(queue.next(), run_dir / LOGS, look).items():
        print(f"Member {name}:\n{closing(metrics)}", flush=True)
    return True


class MemberQueue:
    """Members that wait for others, or for their turn.

    Args:
        members: in the order of training.
        needs: names of those that one waits for, by its name.
        most: that go on at a time.
        begin: makes a member's task.
    """

    def __init__(
        self,
        members: Sequence[Member],
        needs: Mapping[str, Collection[str]],
        most: int,
        begin: Callable[[Member], object],
    ):
        self._left, self._needs, self._most, self._begin = list(members), needs, most, begin
        self._begun: set[str] = set()

    def next(self, done: Collection[str] = (), failed: Collection[str] = ()) -> dict[object, str]:
        """The name of each member that begins now, by its task."""
        self._leave_out(set(failed))
        ended = {*done, *failed}
        room = self._most - len(self._begun - ended)
        now = [member for member in self._left if set(self._needs[member.name]) <= set(done)][:room]
        self._left = [member for member in self._left if member not in now]
        self._begun |= {member.name for member in now}
        return {self._begin(member): member.name for member in now}

    def _leave_out(self, failed: set[str]) -> None:
        """Those that a failed one was to score for, and those that these were to."""
        while gone := {m.name: missing for m in self._left if (missing := failed & set(self._needs[m.name]))}:
            for name, missing in gone.items():
                print(f"Member {name} is not trained: it needs {listed(sorted(missing))}", flush=True)
            self._left = [member for member in self._left if member.name not in gone]
            failed = failed | gone.keys()


def train_member(
    ensemble: Ensemble,
    member: Member,
    run_dir: Path,
    inputs: Inputs,
    gin_params: Sequence[str],
    executor: RayExecutor,
) -> dict[str, object]:
    """Train a member, in its task; arguments as of `train_ensemble`."""
    recipe = recipe_of(ensemble, member, gin_params, run_dir)
    return train(recipe, run_dir / member.name, inputs, executor=executor)
