"""Scores the noisy clips of a data set with a finished run, and writes which of them to trust.

    fat-tf select_noisy --run_dir=RUN --output=best.csv

The CSV has a row a noisy clip: fname, labels, loss, rank, chosen. NoisySelection.* in the configuration says how
many are chosen, and how.
"""

from pathlib import Path

from fat_tf import config
from fat_tf.commands.flags import add_cache, add_configuration
from fat_tf.commands.given_places import Output, Sounds, Work
from fat_tf.commands.places import as_corrected, check_data, check_replaced, check_run, data_dir_of, say_loading

COLUMNS = ["fname", "labels", "loss", "rank", "chosen"]


def add_flags(parser):
    add_configuration(parser, default="the run's own configuration")
    parser.add_argument("--run_dir", type=Work, required=True, help="a run on curated clips; all of its folds score")
    parser.add_argument("--data_dir", type=Sounds, help="folder of the data set (default: the one of the run)")
    parser.add_argument("--output", type=Output, required=True, help="the CSV to write")
    add_cache(parser)


def main(flags):
    check_run(flags.run_dir)
    check_data(flags.data_dir)
    data_dir = flags.data_dir or data_dir_of(flags.run_dir)
    files = flags.gin_file or [f"{flags.run_dir}/config.gin"]
    config.check(files, flags.gin_param)
    check_replaced(Path(flags.output), lambda header: header == COLUMNS)
    say_loading()
    from fat_tf import training

    config.load(files, [*as_corrected(flags.run_dir), *flags.gin_param], [Path(flags.run_dir) / config.OWN_PARTS])
    recipe, selection = config.make("Recipe"), config.make("NoisySelection")
    places = (flags.run_dir, flags.output, data_dir, flags.cache_dir)
    print(training.select_noisy(recipe, selection, *places, gin_params=flags.gin_param))
