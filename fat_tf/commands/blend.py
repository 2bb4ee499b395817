"""Blends score files, or the test scores of runs, into one file, and says what the blend is worth.

    fat-tf blend a.csv b.csv --output=blend.csv
    fat-tf blend a.csv b.csv --method=weighted --weights=0.7,0.3 --truth=test.csv --output=blend.csv
    fat-tf blend runs/a runs/b --method=optimize --output=blend.csv
    fat-tf blend a.csv b.csv --oof=a_oof.csv --oof=b_oof.csv --truth=train.csv --method=stack --output=c.csv

mean, weighted, gmean (geometric mean); rank and minmax put each class of each member on one scale over the clips
first, which is for scores in different units alone: on probabilities they lose to mean. minmax is the 9th place's way;
on real scores of the competition it is worth 0.511, mean 0.572, and each single member more than minmax. The others are
fitted to out-of-fold scores and their --truth, and judged by cross-validation: optimize (weights of the mean), greedy
(members one by one), decorrelate (the mean of good members that correlate little), stack (a logistic regression a
class). Out-of-fold scores are those of --oof, or of the runs; where there are neither, the score files themselves must
be out of fold. An unfitted blend is judged on whichever clips --truth labels; the output says which. Runs know the
labels of their clips, and need no --truth.
"""

from pathlib import Path

from fat_tf import config
from fat_tf.commands.flags import add_configuration, numbers
from fat_tf.commands.given_places import Output, Source
from fat_tf.commands.places import are_scores, check_replaced

METHODS = ("mean", "weighted", "gmean", "rank", "minmax", "optimize", "greedy", "decorrelate", "stack")


def add_flags(parser):
    add_configuration(parser, default="blend.gin")
    parser.add_argument(
        "members", type=Source, nargs="+", help="score files (fname and a column a class), or run directories"
    )
    parser.add_argument("--method", choices=METHODS, default="mean", help="default: mean, the best on real scores")
    parser.add_argument("--output", type=Output, required=True, help="the score file to write")
    parser.add_argument("--weights", type=numbers, help="of --method=weighted: one a member, like 0.7,0.3")
    parser.add_argument(
        "--truth",
        type=Source,
        help="CSV with fname and labels of the clips to fit to or judge on (default: the labels of the first run)",
    )
    parser.add_argument(
        "--oof",
        type=Source,
        action="append",
        default=[],
        metavar="FILE",
        help="out-of-fold scores; once a member, in their order",
    )


def main(flags):
    from fat_tf.blending.blend import BlendInputs, blend_files
    from fat_tf.runs.score_table import write_scores

    check_replaced(Path(flags.output), are_scores)
    config.load(flags.gin_file or ["blend.gin"], flags.gin_param)
    config.make("Bootstrap")
    sources = BlendInputs(_without_logs(flags.members), flags.oof, flags.truth)
    table, text = blend_files(sources, flags.output, flags.method, flags.weights, flags.gin_param)
    print(text)
    write_scores(flags.output, table)
    print(f"Written: {flags.output}, {len(table.fnames)} clips")


def _without_logs(places):
    """Runs and files; not what else an ensemble's folder has, which RUNS/* names too."""
    from fat_tf.runs.file_names import LOGS
    from fat_tf.runs.found import is_run

    return [place for place in places if Path(place).name != LOGS or is_run(Path(place))]
