"""Turns a run, or a blend of runs, into one model that needs nothing of this package: audio in, named tags out.

python tools/export.py --run_dir=RUN --output=tagger                       # SavedModel in tagger/1, to be served
python tools/export.py --run_dir=A --run_dir=B --weights=0.7,0.3 --output=tagger       # with a blend's weights
python tools/export.py --run_dir=RUN --output=tagger --precision=bfloat16 --truth=test.csv
python tools/export.py --run_dir=RUN --output=phone --format=litert        # for phones and small computers

A SavedModel is run in a fresh process before it gets its name, and its scores are compared with those of the runs.
"""

from pathlib import Path

from fat_tf import cli


def flags():
    parser = cli.parser(__doc__, default_gin="predict.gin")
    parser.add_argument("--run_dir", action="append", required=True, help="a run of tools/train.py, all of its folds; "
                        "several give their mean")  # fmt: skip
    parser.add_argument("--weights", type=cli.numbers, help="one a run, like 0.7,0.3; tools/blend.py finds good ones")
    parser.add_argument("--output", required=True, help="folder; a SavedModel gets the next free number below it")
    parser.add_argument("--format", choices=["savedmodel", "litert", "keras"], default="savedmodel",
                        help="default: savedmodel")  # fmt: skip
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32",
                        help="what the networks compute in (default: float32)")  # fmt: skip
    parser.add_argument("--truth", help="CSV with fname and labels of clips that the runs were not trained on: judges "
                        "the model by them")  # fmt: skip
    return parser.parse_args()


def main():
    args = flags()
    from fat_tf import config  # after the flags: --help need not wait for TensorFlow
    from fat_tf.export.formats import FORMATS, ExportRequest

    config.load(args.gin_file or ["predict.gin"], args.gin_param)
    prediction = config.make("Prediction")
    config.check_all_read(args.gin_param)
    source = ExportRequest(args.run_dir, args.weights, prediction, args.precision, args.truth)
    FORMATS[args.format](source, Path(args.output))


if __name__ == "__main__":
    cli.run(main)
