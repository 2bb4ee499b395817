"""Scores sounds with all folds of a run, or of several, or with an exported model.

python tools/predict.py dog.wav                                                # tags to read, by the newest run
python tools/predict.py --run_dir=RUN --audio=FOLDER --output=scores.csv       # the submission's format
python tools/predict.py --model=DIR --audio=FOLDER --output=scores.csv         # DIR of tools/export.py
python tools/predict.py --run_dir=RUN --audio=list.csv --output=top.csv --top=3   # fname, label, score, rank
"""

import sys

from fat_tf import cli

UNREADABLE = 3


# fmt: off
def flags():
    parser = cli.parser(__doc__, default_gin="predict.gin")
    parser.add_argument("sounds", nargs="*", help="the same as --audio")
    parser.add_argument("--audio", action="append", default=[], metavar="PLACE",
                        help="a sound file, a folder (with all below it), a CSV with a column fname; repeatable")
    parser.add_argument("--run_dir", action="append",
                        help="a run of tools/train.py; several give their mean (default: the newest one in runs/)")
    parser.add_argument("--model", help="a model of tools/export.py, instead of a run")
    parser.add_argument("--output", help="the CSV to write; without it the tags are printed")
    parser.add_argument("--top", type=int, help="how many classes of a clip, best first (printed: 5; CSV: all of them)")
    parser.add_argument("--resume", action="store_true", help="go on where the same command was interrupted")
    parser.add_argument("--allow_missing", type=float, metavar="SCORE",
                        help="give clips that cannot be read this score for every class, and exit with 0, not 3")
    args = parser.parse_args()
    args.audio += args.sounds
    if not args.audio:
        parser.error("give sounds: files, folders or CSV lists")
    if args.top is not None and args.top < 1:
        parser.error("--top must be 1 or more")
    if args.model and (args.run_dir or args.gin_file or args.gin_param):
        parser.error("--model has its runs and settings inside: leave out --run_dir, --gin_file and --gin_param")
    return args
# fmt: on


def main():
    args = flags()
    from fat_tf.inference.clip_list import find_clips  # after the flags: --help need not wait for TensorFlow
    from fat_tf.inference.exported_model import SavedModelPredictor
    from fat_tf.inference.predict_files import of_runs, predict, print_tags

    clips = find_clips(args.audio)
    settings = args.gin_file or ["predict.gin"], args.gin_param
    predictor = SavedModelPredictor(args.model) if args.model else of_runs(args.run_dir, *settings)
    if args.output:
        bad = predict(predictor, clips, args.output, args.top, args.resume, args.allow_missing)
    else:
        bad = print_tags(predictor, clips, args.top or 5)
    sys.exit(UNREADABLE if bad else 0)


if __name__ == "__main__":
    cli.run(main, "The same command with --resume goes on where it stopped.")
