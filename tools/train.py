"""Trains a configuration: features, folds, out-of-fold scores, report.

python tools/train.py --gin_file=m3.gin                        # on the built-in data set
python tools/train.py --gin_file=m3.gin --data_dir=my_sounds   # a folder with a CSV fname,labels[,fold]
"""

import time
from pathlib import Path

from fat_tf import cli


def folds(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def flags():
    parser = cli.parser(__doc__)
    parser.add_argument("--data_dir", help="folder of sounds with its CSV (or the CSV); default: the built-in data set")
    parser.add_argument("--run_dir", help="where results go; the same folder again goes on where it stopped "
                        "(default: runs/CONFIGURATION-TIME)")  # fmt: skip
    parser.add_argument(
        "--folds", type=folds, help="numbers of the folds to train, like 0,2 (default: the configuration's)"
    )
    parser.add_argument("--cache_dir", help="where log-mels are kept (default: ~/.cache/fat_tf/features)")
    return parser.parse_args()


def main():
    args = flags()
    from fat_tf import config, training  # after the flags: --help need not wait for TensorFlow

    config.load(args.gin_file, args.gin_param)
    name = "-".join(Path(file).stem for file in args.gin_file)
    run_dir = args.run_dir or f"runs/{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    print(f"Run folder {run_dir}", flush=True)
    places = (run_dir, args.data_dir, args.cache_dir, args.folds, args.gin_param)
    if config.is_bound("Ensemble.members"):
        training.train_ensemble(config.make("Ensemble"), *places)
    else:
        training.train(config.make("Recipe"), *places)


if __name__ == "__main__":
    cli.run(main, "The same command with the same --run_dir goes on from the last epoch.")
