"""Shows the runs below a folder, the best first, or compares runs, or follows one that is being trained.

    fat-tf runs                                   # all below runs/; those that compare stand in one table
    fat-tf runs runs/strategies --sort=test
    fat-tf runs runs/old runs/new                 # what differs, and how much better the second one is, clip by clip
    fat-tf runs runs/strategies/curated_only runs/strategies/best5k --seeds
    fat-tf runs --follow                          # the run that is being trained now

Runs are compared on the clips that both have, by the labels that the first one was trained with and, where they were
corrected since, by those of the second one too. lwlrap is the label-weighted label-ranking average precision: 1 where
all labels of all clips outrank all other classes.
"""

import os
from pathlib import Path

from fat_tf.commands.given_places import Source
from fat_tf.commands.judging import add_judge, load_judge
from fat_tf.errors import UserError, listed


# fmt: off
def add_flags(parser):
    from fat_tf.evaluation.run_list import SORTS

    parser.add_argument("runs", type=Source, nargs="*", default=["runs"], metavar="RUN",
                        help="a run, or a folder with runs, up to four folders deep (default: runs); several runs are "
                        "compared with the first one")
    parser.add_argument("--sort", choices=SORTS, default="lwlrap", help="what comes first (default: lwlrap)")
    parser.add_argument("--csv", action="store_true", help="print all figures of each run as CSV")
    parser.add_argument("--seeds", action="store_true",
                        help="compare over all seeds: RUN and the runs RUN_SEED beside it")
    parser.add_argument("--follow", action="store_true", help="show a run epoch by epoch until it ends")
    add_judge(parser)
# fmt: on


def main(flags):
    load_judge(flags)
    from fat_tf.runs.found import is_run

    places = list({os.path.realpath(place): Path(place) for place in flags.runs}.values())
    if len(flags.runs) > len(places):
        raise UserError("The same run is named twice: name two to compare")
    if flags.follow:
        _follow(places)
    elif len(places) > 1 and all(map(is_run, places)) and not flags.csv:
        _compare(places, flags.seeds)
    elif flags.seeds:
        others = [place for place in places if not is_run(place)]
        is_no_run = f"{others[0]} is no run" if others else "name both, without --csv" if flags.csv else "name both"
        raise UserError(f"--seeds compares two runs: {is_no_run}")
    else:
        _list(places, flags)


def _follow(places):
    from fat_tf.runs.follow import follow, running_one
    from fat_tf.runs.found import find_runs

    run = running_one([run for place in places for run in find_runs(place)], listed(places))
    try:
        follow(run)
    except KeyboardInterrupt:  # of this program alone
        print(f"{run} goes on", flush=True)


def _list(places, flags):
    from fat_tf.evaluation.run_list import list_csv, list_lines
    from fat_tf.runs.found import find_runs
    from fat_tf.runs.overview import overview
    from fat_tf.terminal import print_lines, width_of

    runs = [overview(run) for place in places for run in find_runs(place)]
    if flags.csv:
        print(list_csv(runs), end="")
    else:
        print_lines(*list_lines(runs, places[0], width_of(), flags.sort))


def _compare(runs, seeds):
    from fat_tf.evaluation.comparison_text import difference_lines, pairing_lines
    from fat_tf.evaluation.run_comparison import pairings, seed_pairs
    from fat_tf.runs.differences import run_differences
    from fat_tf.terminal import print_lines, width_of

    first, *others = runs
    for second in others:
        pairs = seed_pairs(first, second) if seeds else [(first, second)]
        print_lines(*difference_lines(first, second, run_differences(first, second), width_of()), "")
        print_lines(*pairing_lines(pairings(pairs), len(pairs), width_of()))
