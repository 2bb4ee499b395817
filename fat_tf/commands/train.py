"""Trains a configuration: features, folds, out-of-fold scores, report.

fat-tf train --gin_file=m3.gin                                          # on the built-in data set
fat-tf train --gin_file=m3.gin --data_dir=my_sounds                     # a folder a class, or a CSV fname,labels
fat-tf train --gin_file=m3.gin --gin_file=best5k.gin --data_dir=FSDKaggle2019       # with a noisy-label strategy
"""

from pathlib import Path

from fat_tf import config
from fat_tf.commands.executors import check_executor, executor_of, train_ensemble_by
from fat_tf.commands.flags import add_cache, add_configuration, add_data, add_executor, add_folds, add_run_dir
from fat_tf.commands.given_places import Source
from fat_tf.commands.places import check_data, check_manifest, check_run, corrected_by, say_loading
from fat_tf.commands.run_name import run_folder

TO_GO_ON = "The same command with the same --run_dir goes on from the last epoch."


def add_flags(parser):
    add_configuration(parser)
    add_data(parser)
    add_run_dir(parser, "where results go")
    add_folds(parser)
    parser.add_argument(
        "--folds_from",
        type=Source,
        metavar="RUN",
        help="give clips the folds that they have in this run, so that runs before and after a correction compare",
    )
    parser.add_argument(
        "--corrections",
        type=Source,
        action="append",
        default=[],
        metavar="CSV",
        help="labels that were corrected since, fname,labels, as fat-tf audit's page saves them; repeatable, later win",
    )
    add_cache(parser)
    add_executor(parser)


def main(flags):
    params = [*flags.gin_param, *corrected_by(flags.corrections)]
    config.check(flags.gin_file, params, trains=True)
    config.check_of_ensemble(flags.gin_file)
    check_data(flags.data_dir)
    if flags.folds_from:
        check_run(flags.folds_from)
    if flags.run_dir:
        check_manifest(flags.run_dir)
    check_executor(flags)
    with run_folder(flags.run_dir, flags.gin_file, flags.gin_param) as run_dir:
        print(f"Run folder {run_dir}", flush=True)
        say_loading()
        from fat_tf import training
        from fat_tf.commands.next_steps import next_steps, next_steps_of_ensemble

        config.load(flags.gin_file, params, [Path(run_dir) / config.OWN_PARTS])
        of_ensemble = config.is_bound("Ensemble.members")
        with executor_of(flags, run_dir) as executor:
            inputs = training.Inputs(flags.data_dir, flags.cache_dir, flags.folds, flags.folds_from)
            if of_ensemble:
                wrote = train_ensemble_by(flags)(config.make("Ensemble"), run_dir, inputs, params, executor)
            else:
                wrote = training.train(config.make("Recipe"), run_dir, inputs, params, executor)
        if not wrote:
            return
        from fat_tf.pages.report.write import write_new_reports

        write_new_reports(run_dir)
        print(next_steps_of_ensemble(run_dir) if of_ensemble else next_steps(run_dir), flush=True)
