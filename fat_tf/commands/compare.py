"""Prints finished runs as a table, and how much better one is than another.

    fat-tf compare --run_dir=runs/strategies
    fat-tf compare --run_dir=runs/a --run_dir=runs/b --pair=a,b
    fat-tf compare --run_dir=runs/strategies --pair=curated_only,best5k

lwlrap is the label-weighted label-ranking average precision: 1 where all labels of all clips outrank all other classes.
"""

from fat_tf.commands.places import check_data
from fat_tf.errors import UserError


def add_flags(parser):
    parser.add_argument(
        "--run_dir", required=True, action="append", help="a run, or a folder of runs as an ensemble has; repeatable"
    )
    parser.add_argument("--pair", help="two names: the second's gain out of fold over the first, over all their seeds")
    parser.add_argument("--data_dir", help="for --pair: data set to judge by (default: the labels of the first run)")


def main(flags):
    if flags.pair and flags.pair.count(",") != 1:
        raise UserError("--pair takes two names, like curated_only,best5k")
    check_data(flags.data_dir)
    from fat_tf.data import read_dataset
    from fat_tf.evaluation.run_comparison import comparison_table, paired_gain
    from fat_tf.evaluation.truth import labels_of_dataset
    from fat_tf.runs.finished import finished_runs

    runs = finished_runs(flags.run_dir)
    print(comparison_table(runs))
    if flags.pair:
        labels = labels_of_dataset(read_dataset(flags.data_dir)) if flags.data_dir else None
        print(paired_gain(runs, *flags.pair.split(","), labels))
