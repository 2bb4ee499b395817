"""Scores sounds with all folds of a run, or of several, or with an exported model.

fat-tf predict dog.wav                                                # tags to read, by the newest run
fat-tf predict --run_dir=RUN --audio=FOLDER --output=scores.csv       # the submission's format
fat-tf predict --model=DIR --audio=FOLDER --output=scores.csv         # DIR of fat-tf export
fat-tf predict --run_dir=RUN --audio=list.csv --output=top.csv --top=3   # fname, label, score, rank
"""

import os
from pathlib import Path

from fat_tf import config
from fat_tf.commands.executors import check_executor, ray_executor
from fat_tf.commands.flags import add_configuration, add_executor, finite
from fat_tf.commands.given_places import Output, Sounds, Source
from fat_tf.commands.places import are_scores, check_replaced, check_run, say_loading
from fat_tf.errors import UserError

UNREADABLE = 3
TO_GO_ON = "The same command with --resume goes on where it stopped."


# fmt: off
def add_flags(parser):
    add_configuration(parser, default="predict.gin")
    parser.add_argument("sounds", type=Sounds, nargs="*", help="the same as --audio")
    parser.add_argument("--audio", type=Sounds, action="append", default=[], metavar="PLACE",
                        help="a sound file, a folder (with all below it), a CSV with a column fname; repeatable")
    parser.add_argument("--run_dir", type=Source, action="append",
                        help="a run of fat-tf train; several give their mean (default: the newest one in runs/)")
    parser.add_argument("--unfinished", action="store_true",
                        help="also take folds that are not trained to their end, as far as they are")
    parser.add_argument("--model", type=Source, help="a model of fat-tf export, instead of a run")
    parser.add_argument("--output", type=Output, help="the CSV to write; without it the tags are printed")
    parser.add_argument("--top", type=int, help="how many classes of a clip, best first (printed: 5; CSV: all of them)")
    parser.add_argument("--resume", action="store_true", help="go on where the same command was interrupted")
    parser.add_argument("--allow_missing", type=finite, metavar="SCORE",
                        help="give clips that cannot be read this score for every class, and exit with 0, not 3")
    add_executor(parser)
# fmt: on


def main(flags):
    _check(flags)
    settings = flags.gin_file or ["predict.gin"], flags.gin_param
    config.check(*settings)
    from fat_tf.inference.clip_list import find_clips
    from fat_tf.runs.finished import newest_run

    if flags.output:
        check_replaced(Path(flags.output), are_scores)
    clips = find_clips([*flags.audio, *flags.sounds])
    runs = [] if flags.model else flags.run_dir or [newest_run("runs")]
    for run in runs:
        check_run(run)
    say_loading()
    from fat_tf.inference.exported_model import SavedModelPredictor
    from fat_tf.inference.predict_files import of_runs, predict, print_tags

    if flags.executor == "ray":
        return _predict_on_ray(flags, clips, runs, settings)
    predictor = SavedModelPredictor(flags.model) if flags.model else of_runs(runs, *settings, flags.unfinished)
    if flags.output:
        bad = predict(predictor, clips, flags.output, flags.top, flags.resume, flags.allow_missing)
    else:
        bad = print_tags(predictor, clips, flags.top or 5)
    return UNREADABLE if bad else 0


def _predict_on_ray(flags, clips, runs, settings):
    from fat_tf.cluster.clip_tasks import RayPredictor
    from fat_tf.inference.predict_files import of_runs, predict

    files, params = settings
    config.load(files, params)
    others = [param for param in params if not param.startswith("RayExecutor.")]
    made_of = ([os.path.abspath(run) for run in runs], files, others, flags.unfinished)
    read = {f"--run_dir={run}": run for run in runs} | {
        f"--audio={place}": place for place in flags.audio + flags.sounds
    }
    with ray_executor(
        flags, read, {"the folder of --output": os.path.dirname(os.path.abspath(flags.output))}
    ) as executor:
        predictor = RayPredictor(of_runs(*made_of), made_of, executor, Path(f"{flags.output}.logs"))
        bad = predict(predictor, clips, flags.output, flags.top, flags.resume, flags.allow_missing)
    return UNREADABLE if bad else 0


def _check(flags):
    check_executor(flags)
    if flags.executor == "ray" and (flags.model or not flags.output):
        raise UserError("--executor=ray scores by runs into a file: give --run_dir and --output")
    if not flags.audio and not flags.sounds:
        raise UserError("Give sounds: files, folders or CSV lists")
    if flags.top is not None and flags.top < 1:
        raise UserError("--top must be 1 or more")
    if flags.model and (flags.run_dir or flags.unfinished or flags.gin_file or flags.gin_param):
        raise UserError("--model has its runs and settings inside: leave out --run_dir, --gin_file and --gin_param")
