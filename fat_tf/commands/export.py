"""Turns a run, or a blend of runs, into one model that needs nothing of this package: audio in, named tags out.

fat-tf export --run_dir=RUN --output=tagger                       # SavedModel in tagger/1, to be served
fat-tf export --run_dir=A --run_dir=B --weights=0.7,0.3 --output=tagger       # with a blend's weights
fat-tf export --run_dir=RUN --output=tagger --precision=bfloat16 --truth=test.csv
fat-tf export --run_dir=RUN --output=phone --format=litert        # for phones and small computers

A SavedModel is run in a fresh process before it gets its name, and its scores are compared with those of the runs.
"""

from pathlib import Path

from fat_tf import config
from fat_tf.commands.flags import add_configuration, numbers
from fat_tf.commands.given_places import Source, Work
from fat_tf.commands.places import check_run, say_loading


# fmt: off
def add_flags(parser):
    add_configuration(parser, default="predict.gin")
    parser.add_argument("--run_dir", type=Source, action="append", required=True,
                        help="a run of fat-tf train, all of its folds; several give their mean")
    parser.add_argument("--weights", type=numbers, help="one a run, like 0.7,0.3; fat-tf blend finds good ones")
    parser.add_argument("--output", type=Work, required=True,
                        help="folder; a SavedModel gets the next free number below it")
    parser.add_argument("--format", choices=["savedmodel", "litert", "keras"], default="savedmodel",
                        help="default: savedmodel")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32",
                        help="what the networks compute in (default: float32)")
    parser.add_argument("--truth", type=Source,
                        help="CSV with fname and labels of clips that the runs were not trained on: judges the model "
                        "by them")
# fmt: on


def main(flags):
    files = flags.gin_file or ["predict.gin"]
    config.check(files, flags.gin_param)
    for run in flags.run_dir:
        check_run(run)
    say_loading()
    from fat_tf.export.formats import FORMATS, ExportRequest

    config.load(files, flags.gin_param)
    prediction = config.make("Prediction")
    if flags.truth:
        config.make("Bootstrap")  # of the judgement
    config.check_all_read(flags.gin_param)
    source = ExportRequest(flags.run_dir, flags.weights, prediction, flags.precision, flags.truth)
    FORMATS[flags.format](source, Path(flags.output))
