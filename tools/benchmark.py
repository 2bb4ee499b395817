"""The speed figures of the README, each a ratio to a peer measured in the same run.

python tools/benchmark.py features                       # decode + trim + log-mel beside librosa
python tools/benchmark.py training --gin_file=m3.gin     # the training loop beside its bare step
"""

from fat_tf import cli


def main():
    parser = cli.parser(__doc__, default_gin="m3.gin")
    parser.add_argument("what", choices=["features", "training"])
    parser.add_argument("--data_dir", help="for training: a data set (default: the built-in one)")
    parser.add_argument("--cache_dir", help="where log-mels are kept (default: ~/.cache/fat_tf/features)")
    args = parser.parse_args()
    from fat_tf import benchmark, config  # after the flags: --help need not wait for TensorFlow

    config.load(args.gin_file or ["m3.gin"], args.gin_param)
    recipe = config.make("Recipe")
    if args.what == "features":
        line = benchmark.features(recipe)
    else:
        line = benchmark.training(recipe, args.data_dir, args.cache_dir)
    config.check_all_read(args.gin_param)
    print(line)


if __name__ == "__main__":
    cli.run(main)
