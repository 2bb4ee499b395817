"""Prints the finished runs below a folder as a table, and how much better one is than another.

python tools/compare.py --run_dir=runs/strategies
python tools/compare.py --run_dir=runs/strategies --data_dir=FOLDER --pair=curated_only,best5k
"""

import argparse

from fat_tf import cli


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run_dir", required=True, help="folder of runs, as `tools/train.py` makes of an ensemble")
    parser.add_argument("--pair", help="two names: the second's gain out of fold over the first, over all their seeds")
    parser.add_argument("--data_dir", help="for --pair: the data set (default: the built-in one)")
    args = parser.parse_args()
    if args.pair and args.pair.count(",") != 1:
        parser.error("--pair takes two names, like curated_only,best5k")
    from fat_tf.data.builtin import open_dataset
    from fat_tf.evaluation import run_comparison  # after the flags: --help need not wait for TensorFlow

    print(run_comparison.comparison_table(args.run_dir))
    if args.pair:
        print(run_comparison.paired_gain(args.run_dir, open_dataset(args.data_dir), *args.pair.split(",")))


if __name__ == "__main__":
    cli.run(main)
