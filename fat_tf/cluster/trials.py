"""The trials of a sweep, each a run in a process of its own; Ray Tune says which of them go on."""

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from fat_tf.cluster.sweep import Trial
from fat_tf.cluster.sweep_plan import Asked, SweepPlan
from fat_tf.cluster.tasks import POLL, Refused, Resources, at_once, work
from fat_tf.cluster.watch import Watch
from fat_tf.runs.file_names import HISTORY, LOGS, SCORES, STOPPED
from fat_tf.runs.follow import history_rows
from fat_tf.storage.work import keep

TUNE = ".tune"  # folder of Ray Tune's own files, while a sweep goes on
EPOCH, WORTH, REFUSED = "epoch", "val_lwlrap", "refused"  # what a trial reports
QUIET = {
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # runs have curves of their own
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl-C ends a sweep like any other command
    "RAY_AIR_NEW_OUTPUT": "0",
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",  # they are told in a line
}


def run_trials(plan: SweepPlan, asked: Asked, resources: Resources, epochs: int) -> dict[str, str]:
    """Train all trials, or what is missing of them, until they are done or stopped early.

    Args:
        plan: the trials.
        asked: what they train.
        resources: of each.
        epochs: of the longest, at most.

    Returns:
        What each trial says that could not be trained, by its name.
    """
    os.environ.update(QUIET)
    from ray import tune
    from ray.tune.schedulers import ASHAScheduler

    sweep, seen = plan.sweep, _seen_by_tune(plan.trials, asked)
    last = max(sweep.first_epochs, epochs - 1)  # nobody is stopped after its last epoch, before its scores
    scheduler = ASHAScheduler(
        EPOCH, max_t=last, grace_period=sweep.first_epochs, reduction_factor=sweep.factor, stop_last_trials=False
    )
    called = partial(_run_trial, plan.trials, asked, os.getcwd(), resources.environment)
    _tidy(asked.folder)
    try:
        tune.Tuner(
            tune.with_resources(called, {"cpu": resources.cpus, "gpu": resources.gpus}),
            param_space={"trial": tune.grid_search(list(range(len(plan.trials))))},
            tune_config=tune.TuneConfig(
                "max", WORTH, scheduler=scheduler, max_concurrent_trials=at_once(resources), trial_dirname_creator=str
            ),
            run_config=tune.RunConfig(
                name=TUNE,
                storage_path=str(asked.folder),
                failure_config=tune.FailureConfig(max_failures=resources.retries),
                callbacks=[seen],
                verbose=0,
            ),
        ).fit()
    finally:
        _tidy(asked.folder)
    return seen.failed


def _tidy(folder: Path) -> None:
    """Trials go on from their own files, so nothing of Ray Tune's is needed between two calls."""
    shutil.rmtree(folder / TUNE, ignore_errors=True)


def _seen_by_tune(trials: Sequence[Trial], asked: Asked):
    """What prints the epochs of all trials, and notes how each one ends. (The class stands on one of Ray Tune's.)"""
    from ray.tune import Callback

    class Seen(Callback):
        def __init__(self):
            self.failed: dict[str, str] = {}
            self._watch, self._looked = Watch({trial.name: asked.folder / trial.name for trial in trials}), 0.0

        def on_step_end(self, iteration, trials, **info):
            if time.monotonic() > self._looked + POLL:
                self._watch.look()
                keep(asked.folder)
                self._looked = time.monotonic()

        def on_trial_complete(self, iteration, trials, trial, **info):
            self._watch.look()
            name, last = _name(trial), trial.last_result or {}
            if REFUSED in last:
                self.failed[name] = last[REFUSED]
            elif not (fold := _fold(asked, name) / SCORES).exists():
                fold.with_name(STOPPED).touch()

        def on_trial_error(self, iteration, trials, trial, **info):
            self.failed[_name(trial)] = "its worker was lost again and again"

    def _name(trial) -> str:
        return trials[trial.config["trial"]].name

    return Seen()


def _fold(asked: Asked, name: str) -> Path:
    return asked.folder / name / f"fold_{asked.fold}"


def _run_trial(
    trials: Sequence[Trial], asked: Asked, here: str, environment: Mapping[str, str], drawn: Mapping[str, int]
) -> None:
    """What a worker does, in a process of its own; only a lost one is tried again."""
    from ray import tune

    os.environ.update(environment)  # TensorFlow reads it when it is first used
    trial = trials[drawn["trial"]]
    log = asked.folder / LOGS / f"{trial.name}.log"
    result = work(trial.name, here, log, train_trial, trial, asked)
    if isinstance(result, Refused):
        tune.report({EPOCH: 0, WORTH: 0.0, REFUSED: result.message})


def train_trial(trial: Trial, asked: Asked) -> None:
    """Train a trial, or what is left of it, and report its epochs, those of before first."""
    fold = _fold(asked, trial.name)
    report = Reports(fold, asked.by_last)
    report.new()
    if (fold / STOPPED).exists() or (fold / SCORES).exists():
        return
    from fat_tf import config
    from fat_tf.training import train
    from fat_tf.training.executor import Executor
    from fat_tf.training.inputs import Inputs

    run = asked.folder / trial.name
    config.load(asked.gin_files, [*asked.gin_params, *trial.bindings], [run / config.OWN_PARTS])
    inputs = Inputs(asked.data_dir, asked.cache_dir, [asked.fold])
    train(config.make("Recipe"), run, inputs, executor=Executor(report.new))


class Reports:
    """Tells Ray Tune of epochs, each once.

    Args:
        fold: folder of the fold that is trained.
        by_last: an epoch is worth what it is, and not what the best one until then was.
    """

    def __init__(self, fold: Path, by_last: bool):
        self._fold, self._by_last, self._told, self._best = fold, by_last, 0, 0.0

    def new(self) -> None:
        """Report what is new; Ray Tune may end this process in it."""
        from ray import tune

        rows = history_rows(self._fold) if (self._fold / HISTORY).exists() else []
        for row in rows[self._told :]:
            self._told += 1
            self._best = max(self._best, float(row[WORTH]))
            tune.report({EPOCH: self._told, WORTH: float(row[WORTH]) if self._by_last else self._best})
