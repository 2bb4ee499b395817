"""Scores the noisy clips of a data set with a finished run, and writes which of them to trust.

    python tools/select_noisy.py --run_dir=RUN --data_dir=FOLDER --output=best.csv

The CSV has a row a noisy clip: fname, labels, loss, rank, chosen. NoisySelection.* in the configuration says how
many are chosen, and how.
"""

from fat_tf import cli


def main():
    parser = cli.parser(__doc__, default_gin="the run's own configuration")
    parser.add_argument("--run_dir", required=True, help="a run on curated clips; all of its folds score")
    parser.add_argument("--data_dir", help="folder of the data set (default: the built-in one)")
    parser.add_argument("--output", required=True, help="the CSV to write")
    parser.add_argument("--cache_dir", help="where log-mels are kept (default: ~/.cache/fat_tf/features)")
    args = parser.parse_args()
    from fat_tf import config, training  # after the flags: --help need not wait for TensorFlow

    config.load(args.gin_file or [f"{args.run_dir}/config.gin"], args.gin_param)
    recipe, selection = config.make("Recipe"), config.make("NoisySelection")
    places = (args.run_dir, args.output, args.data_dir, args.cache_dir)
    print(training.select_noisy(recipe, selection, *places, gin_params=args.gin_param))


if __name__ == "__main__":
    cli.run(main)
