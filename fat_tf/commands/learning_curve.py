"""Says whether more labelled clips would help: trains on ever larger shares of the clips, and extrapolates.

    fat-tf learning_curve --gin_file=m1.gin --data_dir=FOLDER --run_dir=CURVE
    fat-tf learning_curve --gin_file=m1.gin --data_dir=FOLDER --run_dir=CURVE --folds=0 \\
        --gin_param="LearningCurve.shares=(0.1, 0.3, 1.0)" --gin_param="LearningCurve.draws=5"

Each share is drawn several times, by class, groups whole; each draw is a run below --run_dir, all of them with the same
optimiser steps, and judged by the same clips: the test clips if their labels are known, else those out of fold. A curve
takes shares times draws times folds as long as one fold at least: a small share has more epochs, and each is validated.
It prints a table, what twice as many clips would gain, and an answer, and writes learning_curve.png, .csv and .json
into --run_dir. learning_curve.gin has its settings.
"""

from pathlib import Path

from fat_tf import config
from fat_tf.commands.flags import add_cache, add_configuration, add_data, add_folds, add_run_dir
from fat_tf.commands.places import check_data, say_loading
from fat_tf.commands.run_name import run_folder

SETTINGS = "learning_curve.gin"
TO_GO_ON = "The same command with the same --run_dir goes on from the last epoch; runs that are done are passed over."


def add_flags(parser):
    add_configuration(parser)
    add_data(parser)
    add_run_dir(parser, "where the runs and the curve go")
    add_folds(parser)
    add_cache(parser)


def main(flags):
    config.check(flags.gin_file, flags.gin_param, trains=True)
    check_data(flags.data_dir)
    first, *others = flags.gin_file
    files = [first, SETTINGS, *others]
    with run_folder(flags.run_dir, files, flags.gin_param) as run_dir:
        print(f"Folder of the curve: {run_dir}", flush=True)
        say_loading()
        from fat_tf.evaluation.learning_curve import curve_figures, judge_points
        from fat_tf.evaluation.learning_curve_text import curve_lines, write_curve
        from fat_tf.terminal import print_lines
        from fat_tf.training.inputs import Inputs
        from fat_tf.training.learning_curve import configured, plan_curve, plan_in_words, train_curve

        curve, recipe = configured(files, flags.gin_param, Path(run_dir))
        plan = plan_curve(curve, recipe, run_dir, flags.data_dir, flags.folds)
        print_lines(*plan_in_words(plan))
        train_curve(plan, files, flags.gin_param, Inputs(flags.data_dir, flags.cache_dir))
        judged = judge_points(plan.points)
        figures = curve_figures(judged, plan.clips)
        picture = write_curve(Path(run_dir), plan.points, judged, figures, curve.worth)
        print_lines("", *curve_lines(figures, curve.draws, curve.worth), f"Picture: {picture}")
