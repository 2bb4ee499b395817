"""Says what scores are worth: lwlrap with its 95 % interval, by class, mAP, accuracy, ROC-AUC, confusions, worst clips.

    fat-tf evaluate --scores=RUN                          # its out-of-fold and test scores, by its own labels
    fat-tf evaluate --scores=scores.csv --truth=test.csv
    fat-tf evaluate --scores=scores.csv --scores=other.csv --truth=test.csv --plots=plots

A second file or run is compared with the first, clip by clip. A score file has a column fname and one a class; the
truth has the columns fname and labels, and perhaps usage (Public, Private), by which lwlrap is then given too.

lwlrap is the label-weighted label-ranking average precision of the DCASE 2019 challenge: for each label of a clip, the
share of right labels among the classes that score at least as high; 1 where all labels of all clips come first.
"""

import json

from fat_tf.commands.given_places import Source, Work
from fat_tf.commands.judging import add_judge, load_judge


def add_flags(parser):
    add_judge(parser)
    parser.add_argument(
        "--scores",
        type=Source,
        required=True,
        action="append",
        help="score file or run; repeat to compare with the first",
    )
    parser.add_argument(
        "--truth", type=Source, help="CSV with fname, labels and perhaps usage (default: the labels of the run)"
    )
    parser.add_argument("--json", action="store_true", help="print the report as one JSON object")
    parser.add_argument(
        "--plots", type=Work, help="folder for plots: classes, confusions and, of several files, comparisons"
    )
    parser.add_argument("--common_clips", action="store_true", help="judge the clips that all files have")


def main(flags):
    load_judge(flags)
    from fat_tf.evaluation.places import evaluate_places
    from fat_tf.evaluation.text import as_text

    report = evaluate_places(flags.scores, flags.truth, flags.common_clips)
    text = json.dumps(report, indent=1, allow_nan=False) if flags.json else as_text(report)
    if flags.plots:
        from fat_tf.evaluation.plots import write_plots  # matplotlib only where it is asked for

        files = write_plots(report, flags.plots)
        text += "" if flags.json else f"\n\nPlots: {', '.join(map(str, files))}"
    print(text)
