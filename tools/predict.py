"""Scores sounds with all folds of a run, or of several, or with an exported model.

python tools/predict.py dog.wav                                                # tags to read, by the newest run
python tools/predict.py --run_dir=RUN --audio=FOLDER --output=scores.csv       # the submission's format
python tools/predict.py --model=DIR --audio=FOLDER --output=scores.csv         # DIR of tools/export.py
python tools/predict.py --run_dir=RUN --audio=list.csv --output=top.csv --top=3   # fname, label, score, rank
"""

import sys

from fat_tf import cli

UNREADABLE = 3


def flags():
    parser = cli.parser(__doc__, default_gin="predict.gin")
    parser.add_argument("sounds", nargs="*", help="the same as --audio")
    parser.add_argument("--audio", action="append", default=[], metavar="PLACE", help="a sound file, a folder (with "
                        "all below it) or a CSV with a column fname; repeatable")  # fmt: skip
    parser.add_argument("--run_dir", action="append", help="a run of tools/train.py; several give their mean "
                        "(default: the newest one in runs/)")  # fmt: skip
    parser.add_argument("--model", help="a model of tools/export.py, instead of a run")
    parser.add_argument("--output", help="the CSV to write; without it the tags are printed")
    parser.add_argument("--top", type=int, help="how many classes of a clip, best first (printed: 5; CSV: all of them)")
    parser.add_argument("--resume", action="store_true", help="go on where the same command was interrupted")
    parser.add_argument("--allow_missing", type=float, metavar="SCORE", help="give clips that cannot be read this "
                        "score for every class, and exit with 0, not 3")  # fmt: skip
    args = parser.parse_args()
    args.audio += args.sounds
    if not args.audio:
        parser.error("give sounds: files, folders or CSV lists")
    if args.top is not None and args.top < 1:
        parser.error("--top must be 1 or more")
    if args.model and (args.run_dir or args.gin_file or args.gin_param):
        parser.error("--model has its runs and settings inside: leave out --run_dir, --gin_file and --gin_param")
    return args


def load(args):
    """(predictor, its name)."""
    from fat_tf import config  # after the flags: --help need not wait for TensorFlow
    from fat_tf.inference.models import load_runs
    from fat_tf.inference.predict import newest_run
    from fat_tf.inference.prediction import Predictor
    from fat_tf.inference.saved_model import SavedModelPredictor

    if args.model:
        return SavedModelPredictor(args.model), args.model
    config.load(args.gin_file or ["predict.gin"], args.gin_param)
    prediction = config.make("Prediction")
    config.check_all_read(args.gin_param)
    runs = args.run_dir or [newest_run("runs")]
    return Predictor(load_runs(runs, prediction.precision), prediction), ", ".join(map(str, runs))


def main():
    args = flags()
    from fat_tf.inference.clips import find_clips
    from fat_tf.inference.predict import predict, print_tags

    clips = find_clips(args.audio)
    predictor, name = load(args)
    if args.output:
        bad = predict(predictor, clips, args.output, args.top, args.resume, args.allow_missing)
    else:
        print(f"By {name}", flush=True)
        bad = print_tags(predictor, clips, args.top or 5)
    sys.exit(UNREADABLE if bad else 0)


if __name__ == "__main__":
    cli.run(main, "The same command with --resume goes on where it stopped.")
