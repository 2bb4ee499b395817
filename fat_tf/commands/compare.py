"""Prints the finished runs below a folder as a table, and how much better one is than another.

fat-tf compare --run_dir=runs/strategies
fat-tf compare --run_dir=runs/strategies --data_dir=FOLDER --pair=curated_only,best5k
"""

from fat_tf.errors import UserError


def add_flags(parser):
    parser.add_argument("--run_dir", required=True, help="folder of runs, as `fat-tf train` makes of an ensemble")
    parser.add_argument("--pair", help="two names: the second's gain out of fold over the first, over all their seeds")
    parser.add_argument("--data_dir", help="for --pair: the data set (default: the built-in one)")


def main(flags):
    if flags.pair and flags.pair.count(",") != 1:
        raise UserError("--pair takes two names, like curated_only,best5k")
    from fat_tf.data.builtin import open_dataset
    from fat_tf.evaluation import run_comparison

    print(run_comparison.comparison_table(flags.run_dir))
    if flags.pair:
        print(run_comparison.paired_gain(flags.run_dir, open_dataset(flags.data_dir), *flags.pair.split(",")))
