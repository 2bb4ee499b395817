"""Log-mels and scores of many clips, a task for each part of the list."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from fat_tf import config
from fat_tf.cluster.executor import RayExecutor
from fat_tf.cluster.tasks import at_once, gather, in_order, submit
from fat_tf.data.cache import Add, FeatureCache
from fat_tf.errors import counted
from fat_tf.inference.clip_list import Clip
from fat_tf.inference.predict_files import of_runs
from fat_tf.inference.predictor import PART, ClipScore, Predictor
from fat_tf.runs.file_names import LOGS

MOST = 16  # parts of a task, which takes some minutes then; its start takes seconds


def parts_of(items: Sequence, workers: int) -> list[Sequence]:
    """The items in their order, whole parts of `PART` together, for so many workers or more."""
    parts = math.ceil(len(items) / PART)
    size = PART * min(MOST, max(1, math.ceil(parts / workers)))
    return [items[first : first + size] for first in range(0, len(items), size)]


def add_features(executor: RayExecutor, cache_dir: str) -> Add:
    """What computes pictures into a cache as tasks.

    Args:
        executor: says what a task takes; the configuration that is loaded says the front end.
        cache_dir: of log-mels.
    """
    cache_dir = Path(cache_dir).absolute()
    logs = cache_dir / LOGS

    def add(paths: list[str]) -> dict[str, str]:
        tasks = {}
        for number, part in enumerate(parts_of(paths, at_once(executor.resources))):
            name = f"log-mels {number}"
            what = (*config.loaded(), cache_dir, part)
            tasks[submit(name, executor.resources, logs / f"{number}.log", add_part, *what)] = name
        print(f"{len(paths)} clips as {counted(len(tasks), 'task')} of Ray: {logs}", flush=True)
        return {path: error for bad in gather(tasks, logs).values() for path, error in bad.items()}

    return add


def add_part(gin_files: Sequence[str], gin_params: Sequence[str], cache_dir: Path, paths: list[str]) -> dict[str, str]:
    """Compute the pictures of a part, in its task."""
    config.load(gin_files, gin_params)
    return FeatureCache(cache_dir, config.make("Recipe").front_end).add(paths)


class RayPredictor:
    """Scores clips as a predictor of runs does, in tasks that make one like it.

    Args:
        predictor: made here, of what it is called with.
        made_of: runs, configuration files, bindings and `unfinished`, as of `of_runs`.
        executor: says what a task takes.
        logs: folder that tasks print to.
    """

    def __init__(self, predictor: Predictor, made_of: tuple, executor: RayExecutor, logs: Path):
        self.vocabulary, self.files, self.settings = predictor.vocabulary, predictor.files, predictor.settings
        self.description = predictor.description
        self._made_of, self._executor, self._logs = made_of, executor, logs

    def __call__(self, clips: Sequence[Clip]) -> Iterator[ClipScore]:
        """Scores of the clips in their order."""
        resources, tasks = self._executor.resources, []
        for number, part in enumerate(parts_of(clips, at_once(resources))):
            name, log = f"scores {number}", self._logs / f"{number}.log"
            tasks.append(submit(name, resources, log, score_part, self._made_of, part))
        for scores in in_order(tasks):
            yield from scores


def score_part(made_of: tuple, clips: Sequence[Clip]) -> list[ClipScore]:
    """Score a part, in its task."""
    return list(of_runs(*made_of)(clips))
