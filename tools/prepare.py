"""Decodes a data set and computes its log-mels ahead of training, so that every file is checked once.

python tools/prepare.py --data_dir=my_sounds
"""

from fat_tf import cli


def main():
    parser = cli.parser(__doc__, default_gin="m3.gin")
    parser.add_argument("--data_dir", help="folder of sounds with its CSV (or the CSV); default: the built-in data set")
    parser.add_argument("--cache_dir", help="where log-mels are kept (default: ~/.cache/fat_tf/features)")
    args = parser.parse_args()
    from fat_tf import config, training  # after the flags: --help need not wait for TensorFlow

    config.load(args.gin_file or ["m3.gin"], args.gin_param)
    print(training.prepare(config.make("Recipe"), args.data_dir, args.cache_dir, args.gin_param))


if __name__ == "__main__":
    cli.run(main, "The same command goes on where it stopped.")
