"""The trials of a sweep, each a run in a process of its own; Ray Tune says which of them go on."""

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from fat_tf.cluster.sweep import Trial
from fat_tf.cluster.sweep_plan import Asked, SweepPlan
from fat_tf.cluster.tasks import LOGS, POLL, Refused, Resources, at_once, failures, work
from fat_tf.cluster.watch import Watch
from fat_tf.errors import UserError
from fat_tf.runs.file_names import HISTORY, STOPPED
from fat_tf.runs.follow import history_rows
from fat_tf.runs.run_state import is_done

TUNE = "tune"  # folder of Ray Tune's own files, while a sweep goes on
EPOCH, WORTH, REFUSED = "epoch", "val_lwlrap", "refused"  # what a trial reports
QUIET = {  # to be set before Ray Tune is imported
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # runs have curves of their own
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl-C ends a sweep like any other command
    "RAY_AIR_NEW_OUTPUT": "0",
}


def run_trials(plan: SweepPlan, asked: Asked, resources: Resources) -> None:
    """Train all trials, or what is missing of them, until they are done or stopped early.

    Args:
        plan: the trials.
        asked: what they train.
        resources: of each.

    Raises:
        UserError: what a trial could not do, when the others are done.
    """
    os.environ.update(QUIET)
    from ray import tune
    from ray.tune.schedulers import ASHAScheduler

    trials, sweep = plan.trials, plan.sweep
    scheduler = ASHAScheduler(  # it would end a trial at max_t itself, before its scores
        EPOCH, max_t=plan.epochs + 1, grace_period=sweep.first_epochs, reduction_factor=sweep.factor
    )
    called = partial(_run_trial, trials, asked, os.getcwd(), resources.environment)
    seen = _seen_by_tune(trials, asked.folder)
    _tidy(asked.folder)
    try:
        tune.Tuner(
            tune.with_resources(called, {"cpu": resources.cpus, "gpu": resources.gpus}),
            param_space={"trial": tune.grid_search(list(range(len(trials))))},
            tune_config=tune.TuneConfig(
                "max", WORTH, scheduler=scheduler, max_concurrent_trials=at_once(resources), trial_dirname_creator=str
            ),
            run_config=tune.RunConfig(
                name=TUNE,
                storage_path=str(asked.folder.absolute()),
                failure_config=tune.FailureConfig(max_failures=resources.retries),
                callbacks=[seen],
                verbose=0,
            ),
        ).fit()
    finally:
        _tidy(asked.folder)
    if seen.failed:
        raise UserError(failures(seen.failed, len(trials) - len(seen.failed), asked.folder / LOGS))


def _tidy(folder: Path) -> None:
    """Trials go on from their own files, so nothing of Ray Tune's is needed between two calls."""
    shutil.rmtree(folder / TUNE, ignore_errors=True)


def _seen_by_tune(trials: Sequence[Trial], folder: Path):
    """What prints the epochs of all trials, and notes how each one ends. (The class stands on one of Ray Tune's.)"""
    from ray.tune import Callback

    class Seen(Callback):
        def __init__(self):
            self.failed: dict[str, str] = {}
            self._watch, self._looked = Watch({trial.name: folder / trial.name for trial in trials}), 0.0

        def on_step_end(self, iteration, trials, **info):
            if time.monotonic() > self._looked + POLL:
                self._watch.look()
                self._looked = time.monotonic()

        def on_trial_complete(self, iteration, trials, trial, **info):
            self._watch.look()
            of_sweep, last = _of_sweep(trial), trial.last_result or {}
            if REFUSED in last:
                self.failed[of_sweep.name] = last[REFUSED]
            elif not is_done(folder / of_sweep.name):
                (folder / of_sweep.name / STOPPED).touch()

        def on_trial_error(self, iteration, trials, trial, **info):
            self.failed[_of_sweep(trial).name] = "its worker failed again and again"

    def _of_sweep(trial) -> Trial:
        return trials[trial.config["trial"]]

    return Seen()


def _run_trial(
    trials: Sequence[Trial], asked: Asked, here: str, environment: Mapping[str, str], drawn: Mapping[str, int]
) -> None:
    """What a worker does, in a process of its own."""
    from ray import tune

    os.environ.update(environment)  # before TensorFlow is imported
    trial = trials[drawn["trial"]]
    log = asked.folder.absolute() / LOGS / f"{trial.name}.log"
    result = work(trial.name, here, log, train_trial, trial, asked)
    if isinstance(result, Refused):
        tune.report({EPOCH: 0, WORTH: 0.0, REFUSED: result.message})


def train_trial(trial: Trial, asked: Asked) -> None:
    """Train a trial, or what is left of it, and report its epochs, those of before first."""
    folder = asked.folder / trial.name
    report = Reports(folder / f"fold_{asked.fold}")
    report.new()
    if (folder / STOPPED).exists() or is_done(folder):
        return
    from fat_tf import config
    from fat_tf.cluster.trial_executor import TrialExecutor
    from fat_tf.training import train

    params = [*asked.gin_params, *trial.bindings]
    config.load(asked.gin_files, params, [folder / config.OWN_PARTS])
    recipe, executor = config.make("Recipe"), TrialExecutor(report.new)
    train(recipe, folder, asked.data_dir, asked.cache_dir, [asked.fold], params, executor=executor)


class Reports:
    """Tells Ray Tune of epochs, each once.

    Args:
        fold: folder of the fold that is trained.
    """

    def __init__(self, fold: Path):
        self._fold, self._told, self._best = fold, 0, 0.0

    def new(self) -> None:
        """Report what is new, as the best validation lwlrap so far; Ray Tune may end this process in it."""
        from ray import tune

        rows = history_rows(self._fold) if (self._fold / HISTORY).exists() else []
        for row in rows[self._told :]:
            self._told += 1
            self._best = max(self._best, float(row[WORTH]))
            tune.report({EPOCH: self._told, WORTH: self._best})
