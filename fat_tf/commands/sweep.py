"""Searches for better values of a configuration: trains many, and stops the weaker ones early.

    fat-tf sweep --gin_file=m1.gin --data_dir=FOLDER --run_dir=SWEEP
    fat-tf sweep --gin_file=m1.gin --gin_file=my_space.gin --data_dir=FOLDER --ray_address=10.0.0.5:6379
    fat-tf sweep --gin_file=m1.gin --data_dir=FOLDER --gin_param="Sweep.trials=40" \\
        --gin_param="Sweep.space={'WarmupCosine.peak': ('loguniform', 1e-4, 1e-2), 'BATCH_SIZE': ('choice', [32, 64])}"

Each trial is a run of one fold with values drawn from Sweep.space, as a task of Ray Tune, on this machine or on a
cluster (pip install 'fat_tf[cluster]'). Trials are judged by clips that are held back from the training clips
(Recipe.inner_share), epoch by epoch; the fold's own clips choose nothing. It prints and writes a table (sweep.csv) and
the values of the best (best.gin); fat-tf runs and TensorBoard show the trials. sweep.gin has the settings.
"""

import os
from pathlib import Path

from fat_tf import config
from fat_tf.commands.executors import cache_of, check_tune, ray_executor
from fat_tf.commands.flags import add_cache, add_configuration, add_data, add_ray_address, add_run_dir
from fat_tf.commands.places import check_data, say_loading
from fat_tf.commands.run_name import run_folder
from fat_tf.errors import UserError

SETTINGS = "sweep.gin"
TO_GO_ON = "The same command with the same --run_dir goes on from the last epoch; trials that are done are passed over."


def add_flags(parser):
    add_configuration(parser)
    add_data(parser)
    add_run_dir(parser, "where the trials go")
    add_cache(parser)
    add_ray_address(parser)


def main(flags):
    config.check(flags.gin_file, flags.gin_param, trains=True)
    check_data(flags.data_dir)
    check_tune(flags.ray_address)
    first, *others = flags.gin_file
    files = (first, SETTINGS, *others)
    with run_folder(flags.run_dir, files, flags.gin_param) as run_dir:
        print(f"Folder of the sweep: {run_dir}", flush=True)
        say_loading()
        from fat_tf.cluster.sweep_plan import check_trials, plan_sweep, swept_alone
        from fat_tf.cluster.trials import run_trials

        config.load(files, flags.gin_param)
        with swept_alone(Path(run_dir)), _executor(flags, run_dir) as executor:
            plan = plan_sweep(files, flags.gin_param, Path(run_dir))
            asked = _asked(flags, files, run_dir, plan)
            epochs = check_trials(plan, asked)
            print(plan.in_words(executor.resources, epochs), flush=True)
            failed = run_trials(plan, asked, executor.resources, epochs)
        _tell(plan, asked, failed, flags.gin_file)


def _executor(flags, run_dir):
    read = {f"--gin_file={file}": str(config.find(file)) for file in flags.gin_file if Path(file).exists()}
    read |= {"--data_dir": flags.data_dir} if flags.data_dir else {}
    return ray_executor(flags, read, {"--run_dir": run_dir, "--cache_dir": cache_of(flags)})


def _asked(flags, files, run_dir, plan):
    from fat_tf.cluster.sweep_plan import Asked

    params = tuple(param for param in flags.gin_param if not param.strip().startswith(("Sweep.", "RayExecutor.")))
    places = (os.path.abspath(place) if place else None for place in (flags.data_dir, flags.cache_dir))
    return Asked(Path(run_dir).absolute(), plan.sweep.fold, plan.by_last, files, params, *places)


def _tell(plan, asked, failed, gin_files):
    """What was found, and then what failed."""
    from fat_tf.cluster.sweep_table import sweep_lines, sweep_table, write_sweep
    from fat_tf.cluster.tasks import failures
    from fat_tf.commands.next_steps import next_steps_of_sweep
    from fat_tf.runs.file_names import LOGS
    from fat_tf.terminal import print_lines, width_of

    found = sweep_table(plan, asked, failed)
    if len(found):
        best = write_sweep(found, plan.trials, asked.folder)
        kept = [param for param in asked.gin_params if param.split("=")[0].strip() not in plan.sweep.space]
        places = {"data_dir": asked.data_dir, "cache_dir": asked.cache_dir}
        print_lines("", *sweep_lines(found, width_of()))
        print(next_steps_of_sweep(best, gin_files, kept, places), flush=True)
    if failed:
        raise UserError(failures(failed, len(plan.trials) - len(failed), asked.folder / LOGS))
